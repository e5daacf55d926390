import { MAX_REQUEST_ID_CHARS_V2 } from '@toru/contracts';
import type { JsonObject } from '@toru/contracts';
import { familiarHead, plainEnd } from './familiar-head';
import type { FamiliarHead } from './familiar-head';
import { decodeMessageV2 } from './message-v2';
import type { KnownHttp, MessageV2 } from './message-v2';

const PREFIX = Buffer.from('{"type":"http","request_id":"');
const QUOTE = 0x22;
const ZERO = 0x30;
/** Numbers with more of them may not be exact. */
const MAX_DIGITS = 15;
/** Longer heads are not compared. */
const MAX_HEAD_BYTES = 4096;
const MAX_HEADS = 4;
/** Where so many heads in a row were new ones, only each so many-th is remembered. */
const PATIENCE = 32;

/**
 * Reads heads, as `decodeMessageV2` does, and remembers the last few of `http`: one that differs from such a head in nothing
 * but its `request_id`, `path` and `x-request-id` is not parsed again. Whatever else there is, is read the strict way, which
 * alone refuses.
 */
export class FamiliarHeads {
  /** The last one that was met comes first. */
  readonly #heads: FamiliarHead[] = [];
  #newInARow = 0;

  constructor(private readonly kind: KnownHttp['kind']) {}

  /** Throws nothing but `ProtocolError`. */
  decode(bytes: Buffer): MessageV2 {
    const idEnd = bytes.length <= MAX_HEAD_BYTES ? endOfId(bytes) : 0;
    if (idEnd === 0) return decodeMessageV2(bytes);
    const known = this.#find(bytes, idEnd);
    if (known) {
      this.#newInARow = 0;
      return new FamiliarMessage(bytes, idEnd, known);
    }
    const message = decodeMessageV2(bytes);
    this.#newInARow += 1;
    if (this.#newInARow < PATIENCE || this.#newInARow % PATIENCE === 0) this.#remember(bytes, idEnd, message);
    return message;
  }

  #find(bytes: Buffer, idEnd: number): KnownHttp | undefined {
    const heads = this.#heads;
    for (let index = 0; index < heads.length; index++) {
      const head = heads[index] as FamiliarHead;
      const known = head.match(bytes, idEnd);
      if (!known) continue;
      if (index > 0) {
        heads.splice(index, 1);
        heads.unshift(head);
      }
      return known;
    }
    return undefined;
  }

  #remember(bytes: Buffer, idEnd: number, message: MessageV2): void {
    const head = familiarHead(this.kind, bytes, idEnd, message);
    if (!head) return;
    if (this.#heads.length === MAX_HEADS) this.#heads.pop();
    this.#heads.unshift(head);
  }
}

/** A message of a known kind. Its JSON is there for who asks. */
class FamiliarMessage implements MessageV2 {
  readonly type = 'http';
  #strict: MessageV2 | undefined;

  constructor(
    private readonly bytes: Buffer,
    private readonly idEnd: number,
    readonly known: KnownHttp,
  ) {}

  get requestId(): string {
    return this.bytes.toString('latin1', PREFIX.length, this.idEnd);
  }

  get requestNumber(): number {
    return numberAt(this.bytes, PREFIX.length, this.idEnd);
  }

  get envelope(): JsonObject {
    return (this.#strict ??= decodeMessageV2(this.bytes)).envelope;
  }

  get payload(): JsonObject | undefined {
    return (this.#strict ??= decodeMessageV2(this.bytes)).payload;
  }
}

/** Where the plain id of an `http` message ends; 0 for a message of another form. */
function endOfId(bytes: Buffer): number {
  for (let at = 0; at < PREFIX.length; at++) if (bytes[at] !== PREFIX[at]) return 0;
  const end = plainEnd(bytes, PREFIX.length);
  const length = end - PREFIX.length;
  return bytes[end] === QUOTE && length > 0 && length <= MAX_REQUEST_ID_CHARS_V2 ? end : 0;
}

/** The number that these bytes are the digits of, as `String` writes it; 0 where they are something else. */
function numberAt(bytes: Buffer, start: number, end: number): number {
  if (end - start > MAX_DIGITS || bytes[start] === ZERO) return 0;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
}
