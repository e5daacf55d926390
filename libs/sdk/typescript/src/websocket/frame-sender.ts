import type { SendStream } from '@toru/protocol';

/** Sends whole frames, one after the other. */
export class FrameSender {
  #buffered = 0;
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(private readonly stream: Pick<SendStream, 'write' | 'writeNow' | 'end' | 'abort'>) {}

  /** Bytes that wait. */
  get bufferedAmount(): number {
    return this.#buffered;
  }

  /** Sends a frame where it need not wait; false: nothing was sent. */
  sendNow(frame: Uint8Array): boolean {
    try {
      return this.#buffered === 0 && this.stream.writeNow(frame);
    } catch {
      return false;
    }
  }

  /** Whether the frame was sent. Never rejects. */
  send(frame: Uint8Array): Promise<boolean> {
    this.#buffered += frame.length;
    this.#last = this.#last.then(() => this.#write(frame));
    return this.#last;
  }

  /** Ends the stream; false where that is not possible any more. */
  end(): boolean {
    try {
      this.stream.end();
      return true;
    } catch {
      return false;
    }
  }

  abort(message: string): void {
    this.stream.abort({ code: 'websocket', message });
  }

  async #write(frame: Uint8Array): Promise<boolean> {
    try {
      await this.stream.write(frame);
      return true;
    } catch {
      return false;
    } finally {
      this.#buffered -= frame.length;
    }
  }
}
