/**
 * Things that come and go by the thousand a second. A `Set` of them would do, were it not for V8's collector: with every so
 * many changes a set gets a new table, and the one before still names what was in it, and its successor. As soon as one
 * such table has become old, all that follow it, and whatever was in them, stay in memory until the next full collection.
 * A slot that is empty names nothing.
 */
export class Slots<T extends object> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** @returns the item's slot, which is its own until it is taken */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** Undefined where the slot is empty. */
  at(slot: number): T | undefined {
    return this.#items[slot];
  }

  /** Empties the slot, which may be another item's from now on. */
  take(slot: number): T | undefined {
    const item = this.#items[slot];
    if (item === undefined) return undefined;
    this.#items[slot] = undefined;
    this.#free.push(slot);
    return item;
  }

  /** All that are there now, in no particular order. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }
}
