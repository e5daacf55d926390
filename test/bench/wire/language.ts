/**
 * What a language brings to the wire benches: executable files, each complete in itself. They find the path of their
 * socket in TORU_PLUGIN_SOCKET; README.md says what each must do.
 */
export interface Executables {
  /** Speaks version 2 of the protocol, with `POST /echo`, `POST /upload` and `GET /download?bytes=<n>`. */
  readonly plugin?: string;
  /** Sends each frame back: four bytes of length, big-endian, and so many bytes. No more than that. */
  readonly echo?: string;
  /** `<codec> <seconds>` prints `{"exchanges": <a second>, "json": <a second>}`. */
  readonly codec?: string;
}

export interface Language {
  /** As it is shown: `TypeScript`. */
  readonly name: string;
  /** Builds into a directory of its own. Rejects with `UnavailablePeerError` where the machine lacks something. */
  build(directory: string): Promise<Executables>;
  /** Whether its plugin takes part in wire/large-bodies. */
  readonly largeBodies?: boolean;
}
