import type { Socket } from 'node:net';

const TAIL_BIT = 0x8000_0000;

/**
 * Sends prepared frames and counts the answers, with as little work as Node can do it with: so the other side is what is
 * measured. Each answer makes room for the next frame; frames that are due together go out together.
 */
export class FrameDriver {
  #rest: Buffer = Buffer.alloc(0);
  #frames: readonly Buffer[] = [];
  #slotOf: ((bytes: Buffer, at: number, end: number) => number) | undefined;
  #answers = 0;
  #open = 0;
  #sending = false;
  #idle: (() => void) | undefined;

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Answers a second, with as many frames in flight as are given. `slotOf` tells which of them an answer is for. */
  async perSecond(
    frames: readonly Buffer[],
    seconds: number,
    slotOf?: (bytes: Buffer, at: number, end: number) => number,
  ): Promise<number> {
    this.#frames = frames;
    this.#slotOf = slotOf;
    this.#answers = 0;
    this.#sending = true;
    this.#open = frames.length;
    const begin = performance.now();
    this.socket.write(Buffer.concat(frames));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const perSecond = (this.#answers * 1000) / (performance.now() - begin);
    this.#sending = false;
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    return perSecond;
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const due: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32BE(at);
      const end = at + 4 + (length >= TAIL_BIT ? length - TAIL_BIT : length);
      if (end > bytes.length) break;
      const frame = this.#frames[this.#slotOf?.(bytes, at, end) ?? 0];
      if (frame) due.push(frame);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    this.#answers += due.length;
    if (this.#sending) this.#send(due);
    else this.#open -= due.length;
    if (this.#open === 0) this.#idle?.();
  }

  #send(due: readonly Buffer[]): void {
    if (due.length === 0) return;
    const [only] = due;
    this.socket.write(due.length === 1 && only ? only : Buffer.concat(due));
  }
}
