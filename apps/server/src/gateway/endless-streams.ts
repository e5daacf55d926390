/**
 * Answers that have no end of their own: events (`text/event-stream`). Whoever waits for requests in flight would wait in
 * vain for them, so they are told to end first (SUP-7); their readers connect again by themselves.
 */
export class EndlessStreams {
  private readonly ends = new Set<() => void>();
  private isEnding = false;

  /** @returns to be called when the stream has ended */
  add(end: () => void): () => void {
    if (this.isEnding) end();
    else this.ends.add(end);
    return () => {
      this.ends.delete(end);
    };
  }

  /** All that are there, and all that come. */
  endAll(): void {
    this.isEnding = true;
    for (const end of this.ends) end();
    this.ends.clear();
  }
}

/** @param headers name, value, name, value … with names in lower case */
export function isEndless(headers: readonly string[]): boolean {
  const at = headers.indexOf('content-type');
  return at !== -1 && at % 2 === 0 && /^text\/event-stream(?:$|[\s;])/i.test(headers[at + 1] ?? '');
}
