/** Chunks below this size are gathered in blocks of it, so that single bytes do not cost an object each. */
const BLOCK_BYTES = 8 * 1024;

const EMPTY = Buffer.alloc(0);

/** Bytes that arrived in chunks and leave in pieces of any length. Memory is only ever taken for what has arrived. */
export class ByteQueue {
  /** What arrived and was not taken yet: the chunks from `#first` on, the first of them from `#offset` on… */
  #chunks: Buffer[] = [];
  #first = 0;
  #offset = 0;
  /** …and then the first `#gathered` bytes of the block. */
  #block = EMPTY;
  #gathered = 0;
  #available = 0;

  /** How many bytes can be taken. */
  get available(): number {
    return this.#available;
  }

  /** The chunk may be kept, so the caller must not write to it afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#available += chunk.length;
    if (chunk.length < BLOCK_BYTES) {
      this.#gather(chunk);
    } else {
      this.#sealBlock();
      this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    }
  }

  /** Takes bytes that are known to be there: without a copy where one chunk holds them all. */
  take(count: number): Buffer {
    this.#sealBlock();
    this.#available -= count;
    const first = this.#chunks[this.#first];
    if (first && this.#offset + count < first.length) {
      this.#offset += count;
      return first.subarray(this.#offset - count, this.#offset);
    }
    return this.#takeToTheEnd(count);
  }

  /** Takes four bytes that are known to be there, as a number. */
  takeUInt32BE(): number {
    const first = this.#chunks[this.#first];
    if (!first || this.#offset + 4 >= first.length) return this.take(4).readUInt32BE(0);
    this.#available -= 4;
    this.#offset += 4;
    return first.readUInt32BE(this.#offset - 4);
  }

  /** Takes what one chunk holds: never a copy; undefined if nothing is there. */
  takeSome(): Buffer | undefined {
    if (this.#available === 0) return undefined;
    this.#sealBlock();
    const chunk = this.#chunks[this.#first] as Buffer;
    const part = this.#offset === 0 ? chunk : chunk.subarray(this.#offset);
    this.#available -= part.length;
    this.#first += 1;
    this.#offset = 0;
    this.#dropUsed();
    return part;
  }

  clear(): void {
    this.#chunks = [];
    this.#block = EMPTY;
    this.#first = this.#offset = this.#gathered = this.#available = 0;
  }

  #takeToTheEnd(count: number): Buffer {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const chunk = this.#chunks[this.#first] as Buffer;
      const part = chunk.subarray(this.#offset, this.#offset + missing);
      parts.push(part);
      missing -= part.length;
      this.#offset += part.length;
      if (this.#offset === chunk.length) {
        this.#first += 1;
        this.#offset = 0;
      }
    }
    this.#dropUsed();
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, count);
  }

  #gather(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#gathered === this.#block.length) {
        this.#sealBlock();
        this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      }
      const part = rest.subarray(0, this.#block.length - this.#gathered);
      this.#block.set(part, this.#gathered);
      this.#gathered += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** Moves what the block holds to the chunks; its free rest is filled later. */
  #sealBlock(): void {
    if (this.#gathered === 0) return;
    this.#chunks.push(this.#block.subarray(0, this.#gathered));
    this.#block = this.#block.subarray(this.#gathered);
    this.#gathered = 0;
  }

  /** Forgets used chunks, many at a time, so that the cost for each stays constant. */
  #dropUsed(): void {
    if (this.#first * 2 < this.#chunks.length) return;
    this.#chunks.splice(0, this.#first);
    this.#first = 0;
  }
}
