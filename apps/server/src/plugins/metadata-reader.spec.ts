import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { MAX_METADATA_BYTES } from '@toru/protocol';
import type { Exit, SpawnedProcess } from '../common';
import { readMetadata, type MetadataOutput } from './metadata-reader';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const limits = { timeoutMs: 300, maxOutputBytes: MAX_METADATA_BYTES };

async function run(script: string, bounds = { ...limits, timeoutMs: 20_000 }): Promise<MetadataOutput> {
  const path = join(root(), 'x.binary');
  await writeFile(path, script);
  await chmod(path, 0o755);
  return readMetadata(path, bounds);
}

describe('readMetadata', () => {
  it('[META-1] gives what the file prints when it is asked for its metadata, byte for byte', async () => {
    expect(await run('#!/bin/sh\nprintf "%s \\377" "$*"\n')).toEqual({
      ok: true,
      output: Buffer.concat([Buffer.from('--metadata '), Buffer.from([0xff])]),
    });
  });

  it.each([
    ['exits with an error', 'echo "{}"; echo "first" >&2; printf "bad \\033[31mkey\\n" >&2; exit 3', /status 3.*bad \\u\{1b\}\[31mkey$/],
    ['kills itself', 'kill -9 $$', /SIGKILL/],
    ['prints nothing', 'exit 0', /printed nothing/],
  ])('[ISO-4] [META-1] a file that %s is refused with the reason', async (_, body, reason) => {
    expect(await run(`#!/bin/sh\n${body}\n`)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  it('[META-1] (faults 4) one that hangs and ignores SIGTERM is ended', async () => {
    const result = await run('#!/bin/sh\ntrap "" TERM\nwhile :; do sleep 60; done\n', limits);
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('within 300 ms') as string, timedOut: true });
  });

  it('[META-1] (faults 4) one that prints without end is ended', async () => {
    const result = await run('#!/bin/sh\nexec yes\n');
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('more than 65536 bytes') as string });
  });

  it('[META-1] (faults 4) a grandchild that holds stdout does not hold up the answer', async () => {
    expect(await run('#!/bin/sh\necho "{}"\nsleep 600 &\n')).toEqual({ ok: true, output: Buffer.from('{}\n') });
  });

  it.each([
    ['a shell', 'sh: 1: Cannot fork', 2, 'EAGAIN'],
    ['another shell', 'bash: fork: retry: Resource temporarily unavailable', 254, 'EAGAIN'],
    ['Python', 'self.pid = _fork_exec(\nBlockingIOError: [Errno 11] Resource temporarily unavailable', 1, 'EAGAIN'],
    ['Python with threads', "RuntimeError: can't start new thread", 1, 'EAGAIN'],
    ['Node', 'Error: spawn ls EAGAIN', 1, 'EAGAIN'],
    ['Node at its start', 'Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))', 134, 'EAGAIN'],
    ['Rust', 'failed to spawn thread: Os { code: 11, message: "Resource temporarily unavailable" }', 101, 'EAGAIN'],
    ['Go', 'runtime: failed to create new OS thread (have 5 already; errno=11)', 2, 'EAGAIN'],
    ['one without memory', 'fork: Cannot allocate memory', 254, 'ENOMEM'],
    ['one without files', 'open: Too many open files in system', 1, 'ENFILE'],
  ])('faults 15: [META-1] what the machine refuses to %s while it runs is not held against the file', async (_, said, status, code) => {
    const result = await run(`#!/bin/sh\ncat >&2 <<'E'\n${said}\nE\nexit ${status}\n`);
    expect(result).toEqual({ ok: false, hostLacks: expect.stringMatching(`--metadata failed because .*${code}`) as string });
  });

  it('faults 15: [META-2] nor is it one that waits for a process until its time is over', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    stderr.write('bash: fork: retry: Resource temporarily unavailable\n');
    let signalGroup = (): void => undefined;
    const exited = new Promise<Exit>((resolve) => {
      signalGroup = () => {
        resolve({ code: null, signal: 'SIGKILL' });
      };
    });
    const spawn = (): Promise<SpawnedProcess> => Promise.resolve({ pid: 0, stdout, stderr, exited, signalGroup });
    expect(await readMetadata('/x.binary', { timeoutMs: 10, spawn })).toEqual({
      ...{ ok: false, hostLacks: expect.stringContaining('EAGAIN') as string },
    });
  });

  it.each([
    ['a read that found nothing', 'read: Resource temporarily unavailable'],
    ['too many files of its own', 'open: Too many open files'],
    ['a library of its own that does not fit', 'x.so: cannot allocate memory in static TLS block'],
  ])('[ISO-4] [META-1] %s is its own fault', async (_, said) => {
    const result = await run(`#!/bin/sh\necho '${said}' >&2\nexit 1\n`);
    expect(result).toEqual({ ok: false, reason: expect.stringContaining(said) as string });
  });

  it.each([
    ['a missing interpreter', '#!/no/such/interpreter\n', 'ENOENT'],
    ['no program at all', 'plain text\n', 'ENOEXEC'],
    ['a cut ELF header', '\u007fELF', 'ENOEXEC'],
  ])('[ISO-4] (faults 3) %s is refused with the error of the system', async (_, content, code) => {
    expect(await run(content)).toEqual({ ok: false, reason: expect.stringContaining(code) as string });
  });

  it('[META-1] the host’s own environment is not shown to it', async () => {
    process.env.TORU_TEST_SECRET = 'secret';
    try {
      const result = await run('#!/bin/sh\nprintf "[%s]" "$TORU_TEST_SECRET"\n');
      expect(result).toEqual({ ok: true, output: Buffer.from('[]') });
    } finally {
      delete process.env.TORU_TEST_SECRET;
    }
  });
});
