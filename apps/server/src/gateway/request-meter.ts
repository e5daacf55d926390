/** Upper bounds of the latency histogram, in milliseconds; what takes longer is counted in one more bucket. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  ...[0.5, 1, 2.5, 5, 10, 25, 50],
  ...[100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000],
];

/**
 * What was asked of one plugin since it was first asked, as plain numbers: a request costs a few additions here, and
 * whoever wants to see them reads them when he does.
 */
export class RequestMeter {
  /** HTTP requests that were answered, by the first digit of their status; a client that left counts as 499. */
  readonly byClass = new Float64Array(6);
  /** HTTP requests by how long they took: one count for each bound of `LATENCY_BOUNDS_MS`, and one beyond. Not cumulative. */
  readonly byLatency = new Float64Array(LATENCY_BOUNDS_MS.length + 1);
  /** The sum of these times, in milliseconds. */
  latencyMs = 0;
  /** HTTP requests that were taken in and are not over. */
  inFlight = 0;
  /** WebSockets that are being opened, or open. */
  webSockets = 0;
  /** WebSockets that were open and have ended. */
  webSocketsEnded = 0;
  /** Bytes of bodies and of WebSockets, from clients to the plugin. */
  receivedBytes = 0;
  /** Bytes of bodies and of WebSockets, from the plugin to clients. */
  sentBytes = 0;

  begin(): void {
    this.inFlight++;
  }

  /** @param durationMs from the first look at the request to the end of its answer */
  end(status: number, durationMs: number, receivedBytes: number, sentBytes: number): void {
    this.inFlight--;
    this.count(status, durationMs);
    this.receivedBytes += receivedBytes;
    this.sentBytes += sentBytes;
  }

  beginWebSocket(): void {
    this.webSockets++;
  }

  /** One that was refused is a request like any other; how long one was open is no latency. */
  endWebSocket(status: number, durationMs: number, receivedBytes: number, sentBytes: number): void {
    this.webSockets--;
    if (status === 101) this.webSocketsEnded++;
    else this.count(status, durationMs);
    this.receivedBytes += receivedBytes;
    this.sentBytes += sentBytes;
  }

  private count(status: number, durationMs: number): void {
    const digit = (status / 100) | 0;
    this.byClass[digit] = (this.byClass[digit] ?? 0) + 1;
    let bucket = 0;
    while (durationMs > (LATENCY_BOUNDS_MS[bucket] ?? Infinity)) bucket++;
    this.byLatency[bucket] = (this.byLatency[bucket] ?? 0) + 1;
    this.latencyMs += durationMs;
  }
}
