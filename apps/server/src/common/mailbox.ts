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

/** A mailbox for each key: tasks of one key run one at a time, those of different keys side by side. */
export class Mailboxes {
  private readonly boxes = new Map<string, { readonly box: Mailbox; tasks: number }>();

  run<T>(key: string, task: () => Promise<T> | T): Promise<T> {
    const entry = this.boxes.get(key) ?? { box: new Mailbox(), tasks: 0 };
    this.boxes.set(key, entry);
    entry.tasks += 1;
    return entry.box.run(task).finally(() => {
      entry.tasks -= 1;
      if (entry.tasks === 0) this.boxes.delete(key);
    });
  }
}
