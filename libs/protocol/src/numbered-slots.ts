const MIN_SLOTS = 64;

export interface Numbered {
  /** Given by `add`: what it is found by. */
  number: number;
}

/**
 * Things with numbers of their own, counted from 1, that come and go by the thousand a second. No number is given twice.
 * Nothing is hashed, as it would be in a map: a number's slot is its remainder by how many slots there are, and a number
 * whose slot an older thing still has is left out. As with `Slots`, what was taken is named nowhere any more.
 */
export class NumberedSlots<T extends Numbered> {
  /** A power of two of them, of which half are empty at least. */
  #items: (T | undefined)[] = emptySlots(MIN_SLOTS);
  #size = 0;
  #last = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the number, which is written into the item as well */
  add(item: T): number {
    if (this.#size * 2 >= this.#items.length) this.#grow();
    const mask = this.#items.length - 1;
    let number = this.#last + 1;
    while (this.#items[number & mask] !== undefined) number += 1;
    this.#last = item.number = number;
    this.#items[number & mask] = item;
    this.#size += 1;
    return number;
  }

  get(number: number): T | undefined {
    const item = this.#items[number & (this.#items.length - 1)];
    return item?.number === number ? item : undefined;
  }

  /** What was there is given back, and is no more. */
  take(number: number): T | undefined {
    const item = this.get(number);
    if (item === undefined) return undefined;
    this.#items[number & (this.#items.length - 1)] = undefined;
    this.#size -= 1;
    return item;
  }

  /** All that are there now, the oldest first. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined).toSorted((a, b) => a.number - b.number);
  }

  /** What had a slot of its own has one among twice as many: remainders that differ do so by the double as well. */
  #grow(): void {
    const items = emptySlots<T>(this.#items.length * 2);
    for (const item of this.#items) if (item) items[item.number & (items.length - 1)] = item;
    this.#items = items;
  }
}

function emptySlots<T>(count: number): (T | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
