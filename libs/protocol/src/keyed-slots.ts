import { Slots } from './slots';

/** The same as a map with texts as keys: what its old tables name is no more than keys and numbers. */
export class KeyedSlots<T extends object> {
  readonly #slots = new Slots<T>();
  readonly #keys = new Map<string, number>();

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): T | undefined {
    const slot = this.#keys.get(key);
    return slot === undefined ? undefined : this.#slots.at(slot);
  }

  /** The key must not be taken. */
  add(key: string, item: T): void {
    this.#keys.set(key, this.#slots.add(item));
  }

  /** What was there is given back, and is no more. */
  take(key: string): T | undefined {
    const slot = this.#keys.get(key);
    if (slot === undefined) return undefined;
    this.#keys.delete(key);
    return this.#slots.take(slot);
  }

  /** Takes all of them. */
  takeAll(): T[] {
    return [...this.#keys.keys()].flatMap((key) => this.take(key) ?? []);
  }
}
