import { KeyedSlots } from '../keyed-slots';
import type { Served } from './incoming-request';
import type { RequestKey } from './message-v2';

/** A power of two: a number's place is its remainder. As many as requests may be open, which count up. */
const PLACES = 1024;

/**
 * The requests of the other side that are open, by their ids. Ids that count up, as those of nearly every host do, have a
 * place of their own each, without a hash; any other id, and a number whose place is taken, is looked up as a text.
 */
export class ServedRequests {
  readonly #numbered: (Served | undefined)[] = Array.from({ length: PLACES }, () => undefined);
  readonly #others = new KeyedSlots<Served>();
  #inPlaces = 0;

  get size(): number {
    return this.#inPlaces + this.#others.size;
  }

  get(key: RequestKey): Served | undefined {
    const numbered = typeof key === 'number' ? this.#numbered[key & (PLACES - 1)] : undefined;
    if (numbered?.key === key) return numbered;
    return this.#others.size === 0 ? undefined : this.#others.get(String(key));
  }

  /** Its key must not be taken. */
  add(served: Served): void {
    const { key } = served;
    if (typeof key === 'number' && this.#numbered[key & (PLACES - 1)] === undefined) {
      this.#numbered[key & (PLACES - 1)] = served;
      this.#inPlaces += 1;
    } else {
      this.#others.add(String(key), served);
    }
  }

  /** False where it is not there (any more). */
  take(served: Served): boolean {
    const { key } = served;
    if (this.get(key) !== served) return false;
    if (typeof key === 'number' && this.#numbered[key & (PLACES - 1)] === served) {
      this.#numbered[key & (PLACES - 1)] = undefined;
      this.#inPlaces -= 1;
    } else {
      this.#others.take(String(key));
    }
    return true;
  }

  /** Takes all of them. */
  takeAll(): Served[] {
    const numbered = this.#numbered.filter((served) => served !== undefined);
    this.#numbered.fill(undefined);
    this.#inPlaces = 0;
    return [...numbered, ...this.#others.takeAll()];
  }
}
