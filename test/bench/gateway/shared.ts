/** Something that several peers of a bench use: it is started for the first of them and stopped after the last. */
export class Shared<T> {
  #users = 0;
  #started: Promise<T> | undefined;

  constructor(
    private readonly start: () => Promise<T>,
    private readonly stop: (started: T) => Promise<void>,
  ) {}

  take(): Promise<T> {
    this.#users += 1;
    return (this.#started ??= this.start());
  }

  async giveBack(): Promise<void> {
    const started = this.#started;
    this.#users -= 1;
    if (this.#users > 0 || started === undefined) return;
    this.#started = undefined;
    await this.stop(await started);
  }
}
