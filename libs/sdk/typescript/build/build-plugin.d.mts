export interface BuildOptions {
  /** The file that calls `run()`. */
  readonly entry: string;
  readonly outfile: string;
  readonly minify?: boolean;
  /** The module that stands for the SDK where the entry's project has none: the sources of this SDK unless given. */
  readonly sdk?: string;
}

/** Rejects where the entry does not build; what is wrong has been printed then. */
export function buildPlugin(options: BuildOptions): Promise<void>;
