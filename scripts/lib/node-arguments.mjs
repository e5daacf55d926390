/**
 * What Node is given for the host, beside its file; docs/operations.md has the same for systemd.
 *
 * The young generation is as large from the start as it may become: a request leaves nothing behind, so that V8 has no
 * reason to let it grow, and collects a first megabyte tens of times a second (docs/benchmarks.md).
 */
export const NODE_ARGUMENTS = ['--enable-source-maps', '--min-semi-space-size=16'];
