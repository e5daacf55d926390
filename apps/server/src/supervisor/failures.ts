import { afterCrash, type RestartLimits, type Verdict } from './restart-policy';

/** The crashes of one plugin: counts them and decides what follows one (SUP-3, SUP-4). */
export class Failures {
  private inARow = 0;

  constructor(private readonly limits: RestartLimits) {}

  /** Crashes in a row, as they count while its process has been ready for so long (ms; 0: it is not). */
  consecutive(readyForMs: number): number {
    return readyForMs >= this.limits.healthyAfterMs ? 0 : this.inARow;
  }

  /** It crashed after it had been ready for so long, in milliseconds; 0 when it never was. */
  crashed(readyForMs: number): Verdict {
    const verdict = afterCrash({ crashesBefore: this.inARow, readyForMs }, this.limits);
    this.inARow = verdict.crashes;
    return verdict;
  }

  /** Counts from zero again: somebody enabled it, or it was stopped. */
  forget(): void {
    this.inARow = 0;
  }
}
