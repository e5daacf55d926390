/** Runs tasks one at a time, in the order in which they came (LIF-5). A task that fails fails for its caller alone. */
export class Mailbox {
  private tail: Promise<unknown> = Promise.resolve();

  /** `afterEach` is called when a task has ended, before the next one begins. */
  constructor(private readonly afterEach: () => void = () => undefined) {}

  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.tail.then(task).finally(this.afterEach);
    this.tail = result.catch(() => undefined);
    return result;
  }
}
