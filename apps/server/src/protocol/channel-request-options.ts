/** What goes with each request to a plugin. */
export interface ChannelRequestOptions {
  readonly requestId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** For the whole request, waiting for a place included, in milliseconds. */
  readonly deadlineMs: number;
}
