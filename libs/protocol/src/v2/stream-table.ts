import { MAX_DATA_BYTES, MAX_OPEN_STREAMS } from '@toru/contracts';
import type { InitV2 } from '@toru/contracts';
import { ProtocolError } from '../protocol-error';
import { StreamError } from './connection-errors';
import { creditOf, endOf, errorHead, errorOf, streamOf } from './data-v2';
import type { MessageV2 } from './message-v2';
import type { Outbox } from './outbox';
import { ReceiveStream } from './receive-stream';
import { SendStream } from './send-stream';

/** Bytes that a frame has beside those of the stream, at most: its lengths, and a `data` head with the largest number. */
const DATA_HEAD_BYTES = 128;

/** The streams of one connection, in both directions (protocol v2 §6). */
export class StreamTable {
  readonly #outbox: Outbox;
  /** What the numbers of this side leave when they are divided by 2. */
  readonly #parity: 0 | 1;
  #window: number;
  #maxInlineBytes = MAX_DATA_BYTES;
  readonly #sending = new Map<number, SendStream>();
  readonly #receiving = new Map<number, ReceiveStream>();
  /** The largest numbers that were named. */
  #lastSent: number;
  #lastReceived = 0;
  readonly #sendPort;
  readonly #receivePort;

  constructor(outbox: Outbox, parity: 0 | 1, window: number) {
    this.#outbox = outbox;
    this.#parity = parity;
    this.#window = window;
    this.#lastSent = parity === 1 ? -1 : 0;
    this.#sendPort = {
      maxDataBytes: MAX_DATA_BYTES,
      send: (head: string, tail?: Uint8Array) => outbox.send(head, tail),
      takesMore: () => outbox.takesMore,
      whenWritable: (task: () => void) => outbox.whenWritable(task),
      closed: ({ id }: SendStream) => void this.#sending.delete(id),
    };
    this.#receivePort = {
      send: (head: string) => outbox.send(head),
      closed: ({ id }: ReceiveStream) => void this.#receiving.delete(id),
    };
  }

  /** How many are open in either direction. */
  get size(): number {
    return this.#sending.size + this.#receiving.size;
  }

  /** Bytes of a body that goes beside its head: half of a frame is left for the head where frames are small. */
  get maxInlineBytes(): number {
    return this.#maxInlineBytes;
  }

  /** What `init` has said: for what is sent from now on, and for new streams. */
  limitTo({ max_frame, window }: InitV2['limits']): void {
    this.#window = window;
    this.#sendPort.maxDataBytes = Math.max(1, Math.min(MAX_DATA_BYTES, max_frame - DATA_HEAD_BYTES));
    this.#maxInlineBytes = Math.min(MAX_DATA_BYTES, Math.floor(max_frame / 2));
  }

  get canOpen(): boolean {
    return this.#sending.size < MAX_OPEN_STREAMS;
  }

  /** A stream of this side's; the message that names it must be the next one that is sent. */
  open(): SendStream {
    this.#lastSent += 2;
    const stream = new SendStream(this.#lastSent, this.#window, this.#sendPort);
    this.#sending.set(stream.id, stream);
    return stream;
  }

  /** A stream that the other side has named. Throws `ProtocolError` `invalid_stream` or `too_many_streams`. */
  accept(id: number): ReceiveStream {
    this.#name(id);
    if (this.#receiving.size >= MAX_OPEN_STREAMS) {
      throw new ProtocolError('too_many_streams', `More than ${MAX_OPEN_STREAMS} streams are open`);
    }
    const stream = new ReceiveStream(id, this.#window, this.#receivePort);
    this.#receiving.set(id, stream);
    return stream;
  }

  /** The other side has named a stream that nobody wants. Throws `ProtocolError` `invalid_stream`. */
  refuse(id: number, code: string, message: string): void {
    this.#name(id);
    this.#outbox.send(errorHead(id, { code, message }));
  }

  /** Handles `data`. Throws `ProtocolError`. */
  receive({ payload }: MessageV2, tail: Uint8Array | undefined): void {
    const id = streamOf(payload);
    const error = errorOf(payload);
    const credit = creditOf(payload);
    const end = endOf(payload);
    if (id % 2 === this.#parity) {
      if ((tail && tail.length > 0) || end) {
        throw new ProtocolError('invalid_data', 'Bytes and the end of a stream come from its sender');
      }
      if (id > this.#lastSent) throw new ProtocolError('unknown_stream', 'No message named this stream');
      const stream = this.#sending.get(id);
      if (credit > 0) stream?.grant(credit);
      if (error) stream?.fail(new StreamError(error.code, error.message));
      return;
    }
    if (credit > 0) throw new ProtocolError('invalid_data', 'Credit comes from the receiver of a stream');
    const stream = this.#receiver(id);
    if (!stream) return;
    if (tail) stream.accept(tail);
    if (error) stream.fail(new StreamError(error.code, error.message));
    else if (end) stream.complete();
  }

  /** Handles `data` that has nothing but bytes, at least one. Throws `ProtocolError`. */
  receiveBytes(id: number, bytes: Uint8Array): void {
    if (id % 2 === this.#parity) {
      throw new ProtocolError('invalid_data', 'Bytes and the end of a stream come from its sender');
    }
    this.#receiver(id)?.accept(bytes);
  }

  failAll(error: Error): void {
    for (const stream of [...this.#sending.values(), ...this.#receiving.values()]) stream.fail(error);
  }

  /** Undefined where the stream is over. */
  #receiver(id: number): ReceiveStream | undefined {
    const stream = this.#receiving.get(id);
    if (!stream && id > this.#lastReceived) {
      throw new ProtocolError('unknown_stream', 'No message named this stream');
    }
    return stream;
  }

  #name(id: number): void {
    if (id <= this.#lastReceived) throw new ProtocolError('invalid_stream', 'The number of this stream was used');
    this.#lastReceived = id;
  }
}
