/** Less is not worth growing for; in bytes. */
const MIN_CAPACITY = 1024;

/**
 * Gathers the payload of a message, unmasked as it comes. It takes no more memory than twice what has come, whatever
 * length was announced.
 */
export class PayloadBuffer {
  #bytes = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends bytes of a frame's payload; `offset` is how many of that frame came before. */
  append(bytes: Uint8Array, mask: Uint8Array, offset: number): void {
    const start = this.#size;
    this.#reserve(start + bytes.length);
    this.#bytes.set(bytes, start);
    unmask(this.#bytes.subarray(start, start + bytes.length), mask, offset);
    this.#size += bytes.length;
  }

  /** What was gathered; begins anew. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#size);
    this.#bytes = new Uint8Array(0);
    this.#size = 0;
    return bytes;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2, MIN_CAPACITY));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** Four bytes a turn: an order of magnitude faster than an iterator, and what a server spends its time on. */
function unmask(bytes: Uint8Array, mask: Uint8Array, offset: number): void {
  const a = mask[offset & 3] ?? 0;
  const b = mask[(offset + 1) & 3] ?? 0;
  const c = mask[(offset + 2) & 3] ?? 0;
  const d = mask[(offset + 3) & 3] ?? 0;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    bytes[at] = (bytes[at] ?? 0) ^ a;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ d;
  }
  const rest = [a, b, c];
  for (let at = whole; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (rest[at - whole] ?? 0);
}
