import { MAX_OPEN_STREAMS } from '@toru/contracts';
import { ProtocolError } from '../protocol-error';
import { StreamError } from './connection-errors';
import { creditOf, endOf, errorHead, errorOf, streamOf } from './data-v2';
import type { MessageV2 } from './message-v2';
import type { Outbox } from './outbox';
import { ReceiveStream } from './receive-stream';
import { SendStream } from './send-stream';

/** The streams of one connection, in both directions (protocol v2 §6). */
export class StreamTable {
  readonly #outbox: Outbox;
  /** What the numbers of this side leave when they are divided by 2. */
  readonly #parity: 0 | 1;
  #window: number;
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
      send: (head: string, tail?: Uint8Array) => outbox.send(head, tail),
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

  /** For new streams, once `init` has said it. */
  setWindow(window: number): void {
    this.#window = window;
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
    if (id > this.#lastReceived) throw new ProtocolError('unknown_stream', 'No message named this stream');
    const stream = this.#receiving.get(id);
    if (!stream) return;
    if (tail) stream.accept(tail);
    if (error) stream.fail(new StreamError(error.code, error.message));
    else if (end) stream.complete();
  }

  failAll(error: Error): void {
    for (const stream of [...this.#sending.values(), ...this.#receiving.values()]) stream.fail(error);
  }

  #name(id: number): void {
    if (id <= this.#lastReceived) throw new ProtocolError('invalid_stream', 'The number of this stream was used');
    this.#lastReceived = id;
  }
}
