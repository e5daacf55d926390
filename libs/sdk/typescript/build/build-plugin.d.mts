export interface BuildOptions {
  /** The file that calls `run()`. */
  readonly entry: string;
  readonly outfile: string;
  readonly minify?: boolean;
  /** The module that stands for the SDK where the entry's project has none: the sources of this SDK unless given. */
  readonly sdk?: string;
  /** Given the finished file under another name; where it rejects, `outfile` stays as it was. */
  readonly check?: (file: string) => Promise<void>;
}

/** Rejects where the entry does not build, with esbuild's error, whose `errors` have been printed then. */
export function buildPlugin(options: BuildOptions): Promise<void>;
