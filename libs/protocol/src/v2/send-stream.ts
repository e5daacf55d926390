import type { WireErrorV2 } from '@toru/contracts';
import { bytesHead, errorHead } from './data-v2';
import { StreamError } from './connection-errors';

/** What a stream needs of its connection. */
export interface SendPort {
  /** Bytes that one `data` message may carry: `MAX_DATA_BYTES`, or what fits the largest frame. */
  readonly maxDataBytes: number;
  send(head: string, tail?: Uint8Array): void;
  /** Whether a task would run at once. */
  takesMore(): boolean;
  /** Runs the task when the socket takes more: at once where it does, else in turn. */
  whenWritable(task: () => void): void;
  /** The stream is over: its number may be forgotten. */
  closed(stream: SendStream): void;
}

/**
 * The sending side of a stream (protocol v2 §6). `write` waits for credit and for the socket, so that awaiting it is all
 * the back-pressure there is; one call at a time. Ends once: with `end`, with `abort`, or with an error of the other
 * side's, after which `write` and `end` reject with it.
 */
export class SendStream {
  readonly #port: SendPort;
  /** Of each message that carries bytes. */
  readonly #head: string;
  #credit: number;
  #over = false;
  #error: Error | undefined;
  /** Wakes the `write` that waits for credit. */
  #wake: (() => void) | undefined;
  readonly #onClose: ((error: Error | undefined) => void)[] = [];

  constructor(
    readonly id: number,
    window: number,
    port: SendPort,
  ) {
    this.#credit = window;
    this.#port = port;
    this.#head = bytesHead(id, false);
  }

  /** Whether it ended, in whichever way. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Why it was broken off; undefined while it is open and after `end`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Calls back once, when it is over: with the error that broke it off, or with undefined after `end`. */
  onClose(callback: (error: Error | undefined) => void): void {
    if (this.#over) callback(this.#error);
    else this.#onClose.push(callback);
  }

  /**
   * Sends bytes where that needs no waiting; false: nothing was sent, and `write` would wait. Throws as `write` rejects.
   * While a `write` is under way it must not be called.
   */
  writeNow(bytes: Uint8Array): boolean {
    this.#requireOpen();
    const { length } = bytes;
    if (length > this.#credit || length > this.#port.maxDataBytes || !this.#port.takesMore()) return false;
    if (length > 0) {
      this.#credit -= length;
      this.#port.send(this.#head, bytes);
    }
    return true;
  }

  /** Sends bytes; the buffer must not be written to afterwards. Rejects with `StreamError` or `ConnectionClosedError`. */
  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    this.#requireOpen();
    while (rest.length > 0) {
      if (this.#credit === 0) await this.#waitForCredit();
      this.#requireOpen();
      const sent = this.#sendSome(rest);
      rest = rest.subarray(typeof sent === 'number' ? sent : await sent);
      this.#requireOpen();
    }
  }

  /** Everything was sent. Throws the error that broke the stream off; nothing happens after `end`. */
  end(): void {
    if (this.#error) throw this.#error;
    if (this.#over) return;
    this.#port.send(bytesHead(this.id, true));
    this.#finish(undefined);
  }

  /** Breaks the stream off and tells the other side. Nothing happens if it is over. */
  abort({ code, message }: WireErrorV2): void {
    if (this.#over) return;
    this.#port.send(errorHead(this.id, { code, message }));
    this.#finish(new StreamError(code, message));
  }

  /** For the connection: more may be sent. */
  grant(credit: number): void {
    this.#credit = Math.min(this.#credit + credit, Number.MAX_SAFE_INTEGER);
    this.#wake?.();
  }

  /** For the connection: the other side refused, or the connection is closed. */
  fail(error: Error): void {
    if (!this.#over) this.#finish(error);
  }

  /** Sends as much as one message and the credit allow, now or when the socket takes more; gives how much. */
  #sendSome(bytes: Uint8Array): number | Promise<number> {
    let sent = -1;
    let resolve: ((size: number) => void) | undefined;
    this.#port.whenWritable(() => {
      sent = this.#over ? 0 : Math.min(bytes.length, this.#credit, this.#port.maxDataBytes);
      if (sent > 0) {
        this.#credit -= sent;
        this.#port.send(this.#head, bytes.subarray(0, sent));
      }
      resolve?.(sent);
    });
    return sent >= 0 ? sent : new Promise((done) => (resolve = done));
  }

  #waitForCredit(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake;
      this.#wake = () => {
        this.#wake = undefined;
        before?.();
        resolve();
      };
    });
  }

  #requireOpen(): void {
    if (this.#error) throw this.#error;
    if (this.#over) throw new StreamError('ended', 'The stream has ended');
  }

  #finish(error: Error | undefined): void {
    this.#over = true;
    this.#error = error;
    this.#port.closed(this);
    this.#wake?.();
    for (const callback of this.#onClose.splice(0)) callback(error);
  }
}
