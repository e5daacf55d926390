import type { KvWrite } from './kv-store.port';

/** A group is one statement: it is kept small enough for nobody to wait long for it. */
const MAX_GROUP_WRITES = 64;
const MAX_GROUP_BYTES = 4 * 1024 * 1024;

/** Performs writes for one plugin, in their order, and answers each of them. */
export type SendGroup = (namespace: string, writes: readonly KvWrite[], now: string) => Promise<readonly number[]>;

interface Waiting {
  readonly write: KvWrite;
  readonly now: string;
  readonly resolve: (outcome: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes for one plugin happen one after the other, and each would wait until the one before it is on the disk. So what
 * arrives while a write is under way goes to the database together: one statement, one wait, and an answer for each.
 */
export class WriteGroups {
  /** What waits, by namespace; an entry, even an empty one, means that a group is under way. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(private readonly send: SendGroup) {}

  write(namespace: string, write: KvWrite, now: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { write, now, resolve, reject };
      const queue = this.queues.get(namespace);
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      const own = [waiting];
      this.queues.set(namespace, own);
      void this.run(namespace, own);
    });
  }

  /** Never rejects: every failure goes to those who wait. */
  private async run(namespace: string, queue: Waiting[]): Promise<void> {
    for (;;) {
      const group = queue.splice(0, groupLength(queue));
      const last = group.at(-1);
      if (last === undefined) break;
      try {
        const writes = group.map(({ write }) => write);
        const outcomes = await this.send(namespace, writes, last.now);
        for (const [index, { resolve, reject }] of group.entries()) {
          const outcome = outcomes[index];
          if (outcome === undefined) reject(new Error('the database did not answer a write'));
          else resolve(outcome);
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.queues.delete(namespace);
  }
}

function groupLength(queue: readonly Waiting[]): number {
  let bytes = 0;
  for (const [index, { write }] of queue.entries()) {
    bytes += write.size;
    if (index > 0 && (index === MAX_GROUP_WRITES || bytes > MAX_GROUP_BYTES)) return index;
  }
  return queue.length;
}
