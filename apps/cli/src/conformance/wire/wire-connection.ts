import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FrameDecoderV2, FrameError, type FrameDecoder } from '@toru/protocol';
import { describeBytes, type Trace } from './trace';

/** So many pieces of each frame are given time to arrive by themselves, in milliseconds each. */
const UNHURRIED_PIECES = 4;
const PIECE_MS = 5;

export interface Frame {
  readonly json: Buffer;
  readonly tail: Buffer | undefined;
}

export interface WireOptions {
  readonly decoder: FrameDecoder | FrameDecoderV2;
  readonly trace: Trace;
  readonly onFrame: (frame: Frame) => void;
}

/** A connection to the plugin on which anything can be sent, and of which every frame is handed on as it comes. */
export class WireConnection {
  /** Resolves when nothing more can come: with why, in a few words. */
  readonly closed: Promise<string>;
  #reason: string | undefined;
  #close: (reason: string) => void = () => undefined;

  constructor(
    private readonly socket: Socket,
    private readonly options: WireOptions,
  ) {
    this.closed = new Promise((resolve) => {
      this.#close = (reason) => {
        if (this.#reason !== undefined) return;
        this.#reason = reason;
        options.trace('·', `connection: ${reason}`);
        socket.destroy();
        resolve(reason);
      };
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#close(this.#isBroken() ?? 'the plugin closed the connection'));
    socket.on('error', (error) => this.#close(`the connection broke: ${error.message}`));
    socket.on('close', () => this.#close('the connection was closed'));
  }

  /** Why it is closed; undefined while it is open. */
  get closedReason(): string | undefined {
    return this.#reason;
  }

  write(bytes: Uint8Array): void {
    if (this.#reason !== undefined) return;
    this.options.trace('→', describeBytes(bytes.subarray(0, 4096)));
    this.socket.write(bytes);
  }

  /** In pieces of such lengths, over and over, each in a write of its own. */
  async writeInPieces(bytes: Uint8Array, lengths: readonly number[]): Promise<void> {
    this.options.trace('→', `in pieces of ${lengths.join(', ')} bytes: ${describeBytes(bytes)}`);
    for (let at = 0, n = 0; at < bytes.length && this.#reason === undefined; n++) {
      const end = at + (lengths[n % lengths.length] ?? 1);
      this.socket.write(bytes.subarray(at, end));
      at = end;
      // a busy machine gives the plugin no turn between two writes that follow at once, and joins them
      await (n < UNHURRIED_PIECES ? delay(PIECE_MS) : nextTurn());
    }
  }

  /** Nothing more comes from us; what the plugin still sends is read. */
  endWriting(): void {
    this.socket.end();
  }

  destroy(): void {
    this.#close('closed by the kit');
  }

  #receive(chunk: Buffer): void {
    if (this.#reason !== undefined) return;
    const { decoder, trace, onFrame } = this.options;
    try {
      decoder.push(chunk);
      for (let json = decoder.next(); json; json = decoder.next()) {
        const tail = decoder instanceof FrameDecoderV2 ? decoder.tail : undefined;
        trace('←', describeBytes(json, tail));
        onFrame({ json: Buffer.from(json), tail: tail && Buffer.from(tail) });
        if (this.closedReason !== undefined) return;
      }
    } catch (error) {
      // a frame that is none: nothing after it can be read
      this.#close(`the plugin broke the protocol: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #isBroken(): string | undefined {
    try {
      this.options.decoder.end();
      return undefined;
    } catch (error) {
      return error instanceof FrameError ? `the plugin closed it in the middle of a frame` : String(error);
    }
  }
}
