/**
 * A deadline that begins and ends thousands of times a second. Behind it runs one timer at most, which is not set anew each
 * time: when it fires, it looks whether the deadline has passed, and goes on for what is left.
 */
export class Deadline {
  readonly #ms: number;
  readonly #onPassed: () => void;
  /** When it began, by the monotonic clock; undefined while it does not run. */
  #begun: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onPassed: () => void) {
    this.#ms = ms;
    this.#onPassed = onPassed;
  }

  /** From now on, unless it runs. */
  begin(): void {
    if (this.#begun === undefined) this.restart();
  }

  /** From now on, also where it runs. */
  restart(): void {
    this.#begun = performance.now();
    this.#timer ??= setTimeout(this.#look, this.#ms);
  }

  end(): void {
    this.#begun = undefined;
  }

  /** Ends it, and leaves no timer behind. */
  close(): void {
    this.#begun = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    if (this.#begun === undefined) return;
    const left = this.#begun + this.#ms - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(this.#look, Math.ceil(left));
      return;
    }
    this.#begun = undefined;
    this.#onPassed();
  };
}
