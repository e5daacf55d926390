const ACTIONS_TOLD = 40;
const PROBLEMS_TOLD = 20;

/** What was done and what came out wrong, for whoever has to find out why. */
export class ChaosRecord {
  readonly problems: string[] = [];
  readonly counts = new Map<string, number>();
  private readonly actions: string[] = [];
  private readonly begin = performance.now();

  constructor(private readonly seed: number) {}

  did(action: string): void {
    this.actions.push(`${this.at()} ${action}`);
  }

  wrong(problem: string): void {
    this.problems.push(`${this.at()} ${problem}`);
  }

  /** Counts what happened as expected, so that a run in which nothing did is seen. */
  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  get actionsDone(): number {
    return this.actions.length;
  }

  /** The problems with the seed and the last actions; undefined where there are none. */
  failure(): string | undefined {
    if (this.problems.length === 0) return undefined;
    const more = this.problems.length - PROBLEMS_TOLD;
    return [
      `The chaos run with seed ${this.seed} broke ${this.problems.length} times:`,
      ...this.problems.slice(0, PROBLEMS_TOLD),
      ...(more > 0 ? [`and ${more} more`] : []),
      'The last actions, in seconds from the start:',
      ...this.actions.slice(-ACTIONS_TOLD),
      `Again: node test/chaos/run.mjs --seed ${this.seed}`,
    ].join('\n');
  }

  private at(): string {
    return ((performance.now() - this.begin) / 1000).toFixed(2).padStart(7);
  }
}
