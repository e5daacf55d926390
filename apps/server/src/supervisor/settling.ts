/** Those who wait until a plugin is neither on its way up nor down. */
export class Settling {
  private readonly waiting = new Set<() => void>();

  /** Resolves at the next `tell`. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add(resolve);
    });
  }

  tell(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
