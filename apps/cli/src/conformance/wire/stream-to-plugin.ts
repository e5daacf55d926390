import type { JsonObject } from '@toru/contracts';
import { CheckFailure } from '../check-error';
import { creditOf, errorOf } from './data-fields';
import { within } from './within';

/** The kit's end of a stream that it sends. */
export class StreamToPlugin {
  #allowed: number;
  #sent = 0;
  /** Why the plugin wants no more; undefined while it does. */
  refusedWith: string | undefined;
  credited = 0;
  #lostBy: string | undefined;
  #wake: () => void = () => undefined;

  constructor(
    readonly id: number,
    window: number,
    private readonly send: (payload: JsonObject, tail?: Uint8Array) => void,
  ) {
    this.#allowed = window;
  }

  /** A `data` message of the plugin for this stream. */
  accept(payload: JsonObject): void {
    const credit = creditOf(payload) ?? 0;
    this.credited += credit;
    this.#allowed = Math.min(this.#allowed + credit, Number.MAX_SAFE_INTEGER);
    this.refusedWith = errorOf(payload)?.code ?? this.refusedWith;
    this.#wake();
  }

  /** The connection is gone. */
  lose(reason: string): void {
    this.#lostBy = reason;
    this.#wake();
  }

  /** Sends all of it and its end, as far as window and credit go at each time; stops where the plugin wants no more. */
  async sendAll(bytes: Uint8Array, pieceBytes: number, timeoutMs: number): Promise<void> {
    for (let at = 0; at < bytes.length && this.refusedWith === undefined;) {
      const size = Math.min(pieceBytes, bytes.length - at, this.#allowed - this.#sent);
      if (size > 0) {
        this.send({ stream: this.id }, bytes.subarray(at, at + size));
        this.#sent += size;
        at += size;
      } else {
        const woken = new Promise<void>((resolve) => (this.#wake = resolve));
        if (this.#lostBy !== undefined) throw new CheckFailure(`no credit for stream ${this.id}: ${this.#lostBy}`);
        await within(woken, timeoutMs, `the plugin gave no credit after ${this.#sent} bytes of a stream`);
      }
    }
    if (this.refusedWith === undefined) this.send({ stream: this.id, end: true });
  }

  sendSome(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    this.send({ stream: this.id }, bytes);
  }

  breakOff(code: string): void {
    this.send({ stream: this.id, error: { code, message: 'The kit breaks it off' } });
  }
}
