/**
 * Ends what has not moved for so long. Costs a note for each movement: the one timer looks at the clock when it fires.
 */
export class IdleWatch {
  private movedAt = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** In milliseconds; `Infinity` watches nothing. */
    private readonly idleMs: number,
    private readonly onIdle: () => void,
  ) {
    if (Number.isFinite(idleMs)) this.arm(idleMs);
  }

  readonly moved = (): void => {
    this.movedAt = performance.now();
  };

  end(): void {
    clearTimeout(this.timer);
  }

  private arm(ms: number): void {
    this.timer = setTimeout(() => {
      const left = this.movedAt + this.idleMs - performance.now();
      if (left > 0) this.arm(Math.ceil(left));
      else this.onIdle();
    }, ms);
  }
}
