import { CloseCode, mayBeSent } from './close-code';
import { MAX_HEADER_BYTES, Opcode, readFrameHeader, type FrameHeader } from './frame-header';
import { PayloadBuffer } from './payload-buffer';
import { WebSocketError } from './websocket-error';
import { readWholeMessage } from './whole-message';
import { toText } from './text';

const NOTHING = new Uint8Array(0);

/** A message of the client's, whole. */
export type WebSocketMessage = string | Uint8Array;

export type Incoming =
  | { readonly kind: 'message'; readonly data: WebSocketMessage }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/**
 * Makes messages of a client's bytes (RFC 6455 §5), however these are cut. Before a payload is taken its length is
 * checked, so that a message never costs more than its limit.
 */
export class MessageDecoder {
  readonly #maxMessageBytes: number;
  #input: Uint8Array = NOTHING;
  /** Bytes of a header that is not whole yet. */
  #partial: Uint8Array = NOTHING;
  #frame: FrameHeader | undefined;
  #taken = 0;
  /** Opcode of the message that is in fragments. */
  #fragmented: Opcode | undefined;
  readonly #message = new PayloadBuffer();
  readonly #control = new PayloadBuffer();

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Adds bytes; all that came before must have been asked for with `next`. */
  push(bytes: Uint8Array): void {
    this.#input = bytes;
  }

  /** The next thing that is whole, or undefined until more bytes come. Throws `WebSocketError`; it is of no use then. */
  next(): Incoming | undefined {
    if (this.#frame === undefined && this.#partial.length === 0 && this.#fragmented === undefined) {
      const whole = readWholeMessage(this.#input, this.#maxMessageBytes);
      if (whole) {
        this.#input = whole.size === this.#input.length ? NOTHING : this.#input.subarray(whole.size);
        return { kind: 'message', data: whole.data };
      }
    }
    for (;;) {
      this.#frame ??= this.#readHeader();
      const frame = this.#frame;
      if (frame === undefined || !this.#readPayload(frame)) return undefined;
      this.#frame = undefined;
      const incoming = this.#finish(frame);
      if (incoming) return incoming;
    }
  }

  #readHeader(): FrameHeader | undefined {
    const before = this.#partial.length;
    const missing = this.#input.subarray(0, MAX_HEADER_BYTES - before);
    const bytes = before === 0 ? missing : Buffer.concat([this.#partial, missing]);
    const frame = readFrameHeader(bytes);
    if (frame === undefined) {
      this.#partial = Uint8Array.from(bytes);
      this.#input = this.#input.subarray(missing.length);
      return undefined;
    }
    this.#input = this.#input.subarray(frame.size - before);
    this.#partial = NOTHING;
    this.#taken = 0;
    this.#admit(frame);
    return frame;
  }

  #admit({ opcode, length, final }: FrameHeader): void {
    if (opcode >= Opcode.close) return;
    if (opcode === Opcode.continuation && this.#fragmented === undefined) refuse('A fragment of no message');
    if (opcode !== Opcode.continuation && this.#fragmented !== undefined) refuse('A message inside of another one');
    if (this.#message.size + length > this.#maxMessageBytes) {
      throw new WebSocketError(CloseCode.messageTooBig, `A message of more than ${this.#maxMessageBytes} bytes`);
    }
    if (opcode !== Opcode.continuation && !final) this.#fragmented = opcode;
  }

  /** Whether the payload is whole. */
  #readPayload({ opcode, length, mask }: FrameHeader): boolean {
    const target = opcode >= Opcode.close ? this.#control : this.#message;
    const bytes = this.#input.subarray(0, length - this.#taken);
    target.append(bytes, mask, this.#taken);
    this.#taken += bytes.length;
    this.#input = this.#input.subarray(bytes.length);
    return this.#taken === length;
  }

  #finish({ opcode, final }: FrameHeader): Incoming | undefined {
    switch (opcode) {
      case Opcode.close:
        return readClose(this.#control.take());
      case Opcode.ping:
        return { kind: 'ping', payload: this.#control.take() };
      case Opcode.pong:
        return { kind: 'pong', payload: this.#control.take() };
      case Opcode.continuation:
      case Opcode.text:
      case Opcode.binary: {
        if (!final) return undefined;
        const isText = (this.#fragmented ?? opcode) === Opcode.text;
        this.#fragmented = undefined;
        const payload = this.#message.take();
        return { kind: 'message', data: isText ? toText(payload) : payload };
      }
    }
  }
}

function readClose(payload: Uint8Array): Incoming {
  const [high, low] = payload;
  if (high === undefined) return { kind: 'close', code: CloseCode.none, reason: '' };
  if (low === undefined) return refuse('A close frame with half a code');
  const code = (high << 8) | low;
  if (!mayBeSent(code)) refuse(`The close code ${code} does not travel`);
  return { kind: 'close', code, reason: toText(payload.subarray(2)) };
}

function refuse(message: string): never {
  throw new WebSocketError(CloseCode.protocolError, message);
}
