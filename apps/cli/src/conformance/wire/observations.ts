/**
 * What the plugin did beside what it was asked for: faults by the check that they belong to, and how often each kind of
 * message was seen. Shared by all connections of one run.
 */
export class Observations {
  readonly #faults = new Map<string, string[]>();
  readonly #seen = new Map<string, number>();

  note(checkId: string, happened: string): void {
    const faults = this.#faults.get(checkId);
    if (faults) faults.push(happened);
    else this.#faults.set(checkId, [happened]);
  }

  /** Notes what it throws, where it does. */
  look(checkId: string, decode: () => unknown): void {
    try {
      decode();
    } catch (error) {
      this.note(checkId, error instanceof Error ? error.message : String(error));
    }
  }

  /** The first fault, and how many there are more of that kind. */
  faultOf(checkId: string): string | undefined {
    const [first, ...more] = this.#faults.get(checkId) ?? [];
    return more.length === 0 ? first : `${first ?? ''} (and ${more.length} more)`;
  }

  saw(kind: string): void {
    this.#seen.set(kind, this.timesSeen(kind) + 1);
  }

  timesSeen(kind: string): number {
    return this.#seen.get(kind) ?? 0;
  }
}
