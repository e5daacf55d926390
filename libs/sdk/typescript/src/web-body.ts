import { MAX_DATA_BYTES } from '@toru/contracts';

type Reader = ReadableStreamDefaultReader<unknown>;
type Chunk = Awaited<ReturnType<Reader['read']>>;

const LATER = Symbol('later');

/**
 * Reads a body as far as it is there without waiting: undefined for none, bytes for a small one that is complete, so that
 * they go beside the head, else the whole as an iterable. The head of an answer never waits for its body.
 */
export async function openBody(stream: ReadableStream): Promise<Uint8Array | WebBody | undefined> {
  const reader = stream.getReader() as Reader;
  const early: Uint8Array[] = [];
  let size = 0;
  let next = reader.read();
  const turn = new Promise<typeof LATER>((resolve) => setImmediate(resolve, LATER));
  for (;;) {
    const chunk = await Promise.race([next, turn]);
    if (chunk === LATER) break;
    if (chunk.done) return size === 0 ? undefined : Buffer.concat(early, size);
    const bytes = bytesOf(chunk.value, reader);
    early.push(bytes);
    size += bytes.length;
    next = reader.read();
    if (size > MAX_DATA_BYTES) break;
  }
  return new WebBody(reader, early, next);
}

/** A body that is read as it is sent. Unlike a generator it can be given up while it waits for its next bytes. */
export class WebBody implements AsyncIterable<Uint8Array> {
  readonly #reader: Reader;
  readonly #early: Uint8Array[];
  #next: Promise<Chunk> | undefined;
  #onFailed: ((error: unknown) => void) | undefined;

  constructor(reader: Reader, early: Uint8Array[], next: Promise<Chunk>) {
    this.#reader = reader;
    this.#early = early;
    this.#next = next;
    next.catch(() => undefined);
  }

  /** Calls back when the body fails by itself. */
  onFailed(callback: (error: unknown) => void): void {
    this.#onFailed = callback;
  }

  /** Ends the body here: what was read is sent, and its source is told to stop. Any number of times. */
  destroy(): void {
    this.#reader.cancel().catch(() => undefined);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return { next: () => this.#take() };
  }

  async #take(): Promise<IteratorResult<Uint8Array, undefined>> {
    const early = this.#early.shift();
    if (early) return { done: false, value: early };
    try {
      const pending = this.#next ?? this.#reader.read();
      this.#next = undefined;
      const chunk = await pending;
      return chunk.done ? { done: true, value: undefined } : { done: false, value: bytesOf(chunk.value, this.#reader) };
    } catch (error) {
      this.#onFailed?.(error);
      throw error;
    }
  }
}

function bytesOf(value: unknown, reader: Reader): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const error = new TypeError('The body of an answer must consist of bytes (Uint8Array)');
  reader.cancel(error).catch(() => undefined);
  throw error;
}
