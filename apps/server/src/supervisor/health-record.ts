/** So many health checks in a row without an answer make a plugin unhealthy. */
const FAILED_PROBES = 3;
/** So many broken answers in a row make a plugin unhealthy (PRO-8). */
const PROTOCOL_ERRORS = 10;

/** What speaks against the health of the process that runs now (SUP-1). */
export class HealthRecord {
  private failedProbes = 0;
  private protocolErrors = 0;

  /** Why the plugin counts as unhealthy, as half a sentence; undefined while it does not. */
  get complaint(): string | undefined {
    if (this.failedProbes >= FAILED_PROBES) return 'its socket does not answer';
    return this.protocolErrors >= PROTOCOL_ERRORS ? 'it keeps breaking the protocol' : undefined;
  }

  probed(answers: boolean): void {
    this.failedProbes = answers ? 0 : this.failedProbes + 1;
  }

  protocolError(): void {
    this.protocolErrors += 1;
  }

  answered(): void {
    this.protocolErrors = 0;
  }
}
