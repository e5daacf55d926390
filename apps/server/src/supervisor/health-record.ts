/** So many broken answers in a row make a plugin unhealthy (PRO-8). */
const PROTOCOL_ERRORS = 10;

/** How much silence is too much. */
export interface HealthLimits {
  /** So many checks in a row without an answer make a plugin unhealthy. */
  readonly unhealthyAfterChecks: number;
  /** So many end its process (SUP-5); 0: never. */
  readonly restartAfterChecks: number;
}

/** What speaks against the health of the process that runs now (SUP-1). */
export class HealthRecord {
  private failedProbes = 0;
  private protocolErrors = 0;

  constructor(private readonly limits: HealthLimits) {}

  /** Why the plugin counts as unhealthy, as half a sentence; undefined while it does not. */
  get complaint(): string | undefined {
    if (this.failedProbes >= this.limits.unhealthyAfterChecks) return 'it does not answer its health checks';
    return this.protocolErrors >= PROTOCOL_ERRORS ? 'it keeps breaking the protocol' : undefined;
  }

  /** Whether waiting any longer is of no use (SUP-5). */
  get isHopeless(): boolean {
    const { restartAfterChecks } = this.limits;
    return restartAfterChecks > 0 && this.failedProbes >= restartAfterChecks;
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
