import type { Duplex } from 'node:stream';
import { MAX_FRAME_BYTES } from '@toru/contracts';
import { FrameError } from '../frame-error';
import { ProtocolError } from '../protocol-error';
import { ConnectionClosedError } from './connection-errors';
import { streamOfBytesHead } from './data-v2';
import { Deadline } from './deadline';
import { FamiliarHeads } from './familiar-heads';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { HeadWriter } from './head-writer';
import type { MessageV2 } from './message-v2';
import { Outbox } from './outbox';
import type { PeerOptions } from './peer-options';

const FRAME_DEADLINE_MS = 10_000;
const WRITE_STALL_MS = 10_000;
const HIGH_WATER_BYTES = 1024 * 1024;
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** Whom the link tells. */
export interface LinkUser {
  /** A message arrived. What it throws closes the connection: with `protocol` for a `FrameError` or `ProtocolError`. */
  onMessage(message: MessageV2, tail: Uint8Array | undefined): void;
  /** `data` that says nothing but its stream, with bytes. It throws likewise. */
  onBytes(stream: number, bytes: Uint8Array): void;
  /** Once, before the socket ends: whatever is pending ends with this error. */
  onClosed(error: ConnectionClosedError): void;
}

/** The socket of a connection: messages in, frames out, deadlines, and its end. Afterwards no timer or listener is left. */
export class PeerLink {
  readonly outbox: Outbox;
  readonly heads = new HeadWriter();
  /** Resolves when the connection is closed, with the reason. */
  readonly closed: Promise<ConnectionClosedError>;

  readonly #socket: Duplex;
  readonly #user: LinkUser;
  readonly #decoder: FrameDecoderV2;
  readonly #familiar: FamiliarHeads;
  readonly #writeStallMs: number;
  readonly #socketClosed: Promise<void>;
  readonly #frameDeadline: Deadline;
  #error: ConnectionClosedError | undefined;
  #resolveClosed!: (error: ConnectionClosedError) => void;

  /** Nothing is read before `open`. */
  constructor(socket: Duplex, options: PeerOptions, user: LinkUser) {
    this.#socket = socket;
    this.#user = user;
    const frameDeadlineMs = options.frameDeadlineMs ?? FRAME_DEADLINE_MS;
    this.#frameDeadline = new Deadline(frameDeadlineMs, () => {
      const message = `The other side did not finish a frame within ${frameDeadlineMs} ms`;
      this.#shut(new ConnectionClosedError('frame_timeout', message));
    });
    this.#writeStallMs = options.writeStallMs ?? WRITE_STALL_MS;
    const maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#decoder = new FrameDecoderV2({ maxFrameBytes });
    this.#familiar = new FamiliarHeads(options.role === 'host' ? 'response' : 'request');
    this.outbox = new Outbox(socket, {
      maxFrameBytes,
      highWaterBytes: options.highWaterBytes ?? HIGH_WATER_BYTES,
      maxBufferedBytes: options.maxBufferedBytes ?? MAX_BUFFERED_BYTES,
      stallMs: this.#writeStallMs,
      onFailed: (error) => this.#shut(error),
    });
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#socketClosed = new Promise((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
  }

  open(): void {
    const socket = this.#socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onBroken);
    socket.on('close', this.#onBroken);
    if (socket.destroyed) this.#onBroken();
  }

  /** Why it is closed; undefined while it is open. */
  get error(): ConnectionClosedError | undefined {
    return this.#error;
  }

  requireOpen(): void {
    if (this.#error) throw this.#error;
  }

  /** A smaller limit for the frames of both directions, as `init` may set it. */
  limitTo(maxFrameBytes: number): void {
    this.#decoder.limitTo(maxFrameBytes);
    this.outbox.limitTo(maxFrameBytes);
  }

  /** What follows may be frames with a tail. */
  acceptTails(): void {
    this.#decoder.acceptTails();
  }

  sendJson(message: object): void {
    this.outbox.send(JSON.stringify(message));
  }

  /** Sends what waits, closes, and resolves when the socket is gone. Any number of times. */
  close(): Promise<void> {
    this.#shut(new ConnectionClosedError('local', 'The connection was closed'));
    return this.#socketClosed;
  }

  /** Closes for what was thrown while a message was handled. */
  breakOff(cause: unknown): void {
    const isTheirs = cause instanceof FrameError || cause instanceof ProtocolError;
    const message = isTheirs ? cause.message : 'The connection failed on this side';
    this.#shut(new ConnectionClosedError(isTheirs ? 'protocol' : 'local', message, { cause }));
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#decoder.push(chunk);
    try {
      for (let head = this.#decoder.next(); head; head = this.#decoder.next()) {
        this.#frameDeadline.end();
        const { tail } = this.#decoder;
        const stream = tail ? streamOfBytesHead(head) : 0;
        if (tail && stream > 0) this.#user.onBytes(stream, tail);
        else this.#user.onMessage(this.#familiar.decode(head), tail);
        if (this.#error) return;
      }
    } catch (cause) {
      this.breakOff(cause);
      return;
    }
    if (this.#decoder.pending) this.#frameDeadline.begin();
  };

  readonly #onEnd = (): void => {
    try {
      this.#decoder.end();
      this.#onBroken();
    } catch (cause) {
      this.#shut(new ConnectionClosedError('remote', 'The other side closed inside of a frame', { cause }));
    }
  };

  readonly #onBroken = (cause?: unknown): void => {
    const options = cause instanceof Error ? { cause } : undefined;
    this.#shut(new ConnectionClosedError('remote', 'The other side closed the connection', options));
  };

  #shut(error: ConnectionClosedError): void {
    if (this.#error) return;
    this.#error = error;
    const socket = this.#socket;
    this.#frameDeadline.close();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onBroken);
    socket.off('close', this.#onBroken);
    // An error of a socket without any listener would end the process.
    socket.on('error', () => undefined);
    this.#user.onClosed(error);
    this.outbox.close();
    if (error.reason === 'local' && !socket.destroyed) this.#endSocket();
    else socket.destroy();
    this.#resolveClosed(error);
  }

  /** Lets the other side have what was written, for as long as a write may take. */
  #endSocket(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), this.#writeStallMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('finish', () => socket.destroy());
    socket.resume();
    socket.end();
  }
}
