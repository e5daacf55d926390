import type { WebSocketMessage } from './message-decoder';

/** So much may wait for the handler before no more is read, in messages and in bytes. */
const FULL_MESSAGES = 64;
const FULL_BYTES = 65_536;

/** Messages on their way from the connection to the handler. */
export class MessageQueue {
  #messages: WebSocketMessage[] = [];
  #size = 0;
  #isClosed = false;
  /** Whoever waits for a message: only while there is none. */
  #readers: ((message: WebSocketMessage | undefined) => void)[] = [];
  #onRoom: (() => void) | undefined;

  /** Adds a message. Gives a promise where the next one must wait. */
  push(message: WebSocketMessage): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    const reader = this.#readers.shift();
    if (reader) {
      reader(message);
      return undefined;
    }
    this.#messages.push(message);
    this.#size += message.length;
    if (!this.isFull) return undefined;
    return new Promise((resolve) => (this.#onRoom = resolve));
  }

  /** Whether the handler is behind. */
  get isFull(): boolean {
    return !this.#isClosed && (this.#messages.length >= FULL_MESSAGES || this.#size >= FULL_BYTES);
  }

  /** The next message, or undefined when it is closed and empty. */
  take(): Promise<WebSocketMessage | undefined> {
    if (this.#messages.length === 0 && !this.#isClosed) {
      return new Promise((resolve) => this.#readers.push(resolve));
    }
    const message = this.#messages.shift();
    this.#size -= message?.length ?? 0;
    if (!this.isFull) this.#onRoom?.();
    return Promise.resolve(message);
  }

  /** No more come; those that wait may still be taken. */
  close(): void {
    this.#isClosed = true;
    this.#onRoom?.();
    for (const reader of this.#readers.splice(0)) reader(undefined);
  }

  /** No more are wanted, not even those that wait. */
  clear(): void {
    this.#messages = [];
    this.#size = 0;
    this.close();
  }
}
