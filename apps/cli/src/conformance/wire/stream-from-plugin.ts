import { creditOf, endOf, errorOf } from './data-fields';
import { CheckFailure } from '../check-error';
import type { JsonObject, WireErrorV2 } from '@toru/contracts';
import type { Observations } from './observations';
import { within } from './within';

/** The kit's end of a stream that the plugin sends. */
export class StreamFromPlugin {
  received = 0;
  /** Bytes that came when it was over already. */
  receivedLate = 0;
  error: WireErrorV2 | undefined;
  /** Resolves when nothing more may come. */
  readonly over: Promise<void>;
  #allowed: number;
  #chunks: Buffer[] = [];
  #isOver = false;
  #lostBy: string | undefined;
  #finish: () => void = () => undefined;
  #progress: () => void = () => undefined;

  constructor(
    readonly id: number,
    window: number,
    /** Whether credit is given for whatever comes; else `give` does. */
    private readonly generous: boolean,
    private readonly send: (payload: JsonObject) => void,
    private readonly observations: Observations,
  ) {
    this.#allowed = window;
    this.over = new Promise((resolve) => (this.#finish = resolve));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** A `data` message for this stream. */
  accept(payload: JsonObject, tail: Buffer | undefined): void {
    if (creditOf(payload) !== undefined) {
      this.observations.note('v2/stream-numbers', `credit for stream ${this.id}, which the plugin itself sends`);
    }
    if (this.#isOver) {
      this.receivedLate += tail?.length ?? 0;
      return;
    }
    this.#take(tail ?? Buffer.alloc(0));
    this.error = errorOf(payload);
    if (this.error !== undefined || endOf(payload)) this.close();
    this.#progress();
  }

  give(credit: number): void {
    this.#allowed += credit;
    this.send({ stream: this.id, credit });
  }

  /** No more is wanted. */
  refuse(code: string): void {
    this.send({ stream: this.id, error: { code, message: 'The kit wants no more of it' } });
    this.close();
  }

  /** The connection is gone. */
  lose(reason: string): void {
    if (this.#isOver) return;
    this.#lostBy = reason;
    this.close();
    this.#progress();
  }

  close(): void {
    this.#isOver = true;
    this.#finish();
  }

  /** Resolves when so many bytes have come. */
  async untilReceived(bytes: number, timeoutMs: number): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.received >= bytes || this.#isOver) resolve();
      };
      this.#progress = look;
      look();
    });
    await within(enough, timeoutMs, `only ${this.received} of ${bytes} bytes of a stream came`);
  }

  /** All of it, once it is complete. */
  async bytes(timeoutMs: number): Promise<Buffer> {
    await within(this.over, timeoutMs, `stream ${this.id} of the answer did not end`);
    if (this.#lostBy !== undefined) throw new CheckFailure(`stream ${this.id} of the answer: ${this.#lostBy}`);
    if (this.error) throw new CheckFailure(`the plugin broke the stream of its answer off: ${this.error.code}`);
    return Buffer.concat(this.#chunks);
  }

  #take(bytes: Buffer): void {
    this.received += bytes.length;
    if (this.received > this.#allowed) {
      const text = `stream ${this.id} got ${this.received} bytes where window and credit allow ${this.#allowed}`;
      this.observations.note('v2/window', text);
    }
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    if (this.generous) this.give(bytes.length);
  }
}
