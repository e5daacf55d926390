/**
 * The plugins that wait for their turn to start, first come, first served. It bounds what happens at once and nothing
 * else: a start that hangs gives its turn away after a while, and whoever is started by somebody's command needs none.
 */
export class StartQueue {
  private readonly waiting = new Map<string, () => Promise<void>>();
  private underWay = 0;

  /** How many are on their way up side by side. */
  parallel = 1;

  /** @param patienceMs after so many milliseconds a start goes on beside the others, and the next one has its turn */
  constructor(private readonly patienceMs: number) {}

  get size(): number {
    return this.waiting.size;
  }

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  /** `start` resolves when it has come to its end, one way or the other, and never rejects. */
  add(id: string, start: () => Promise<void>): void {
    this.waiting.set(id, start);
    this.next();
  }

  /** Those who wait are not started any more. */
  clear(): void {
    this.waiting.clear();
  }

  private next(): void {
    for (const [id, start] of this.waiting) {
      if (this.underWay >= this.parallel) return;
      this.waiting.delete(id);
      this.begin(start);
    }
  }

  private begin(start: () => Promise<void>): void {
    this.underWay += 1;
    let hasTurn = true;
    const giveTurn = (): void => {
      if (!hasTurn) return;
      hasTurn = false;
      clearTimeout(timer);
      this.underWay -= 1;
      this.next();
    };
    const timer = setTimeout(giveTurn, this.patienceMs);
    void start().finally(giveTurn);
  }
}
