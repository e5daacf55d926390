import type { UserV2 } from '@toru/contracts';
import { headersRecord } from './http-v2';
import type { HeadersInput, RequestHead } from './http-v2';
import type { RequestKey } from './message-v2';

/** A string that is its own JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** The host gives each request one of its own. */
const REQUEST_ID_HEADER = 'x-request-id';
/** Texts up to this size are encoded into memory that is kept. */
const SCRATCH_BYTES = 4096;
const MAX_CHAR_BYTES = 3;
/** Room for what stands before the rest of a head: its type, and an id of 128 plain characters. */
const FRONT_BYTES = 192;
const QUOTE = 0x22;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

/** What a head says beside its ids and its headers; a number is the status of an answer. */
type Written = Omit<RequestHead, 'headers'> | number;

/**
 * Writes the heads of `http` and `upgrade`, to the letter as `JSON.stringify` does. It keeps the last one: a head that
 * differs from it in nothing but its `request_id` and `x-request-id`, as nearly all do, is not written anew. What is given
 * holds until the next one is asked for.
 */
export class HeadWriter {
  /** Room for the front, and what follows the `request_id` in every head that says the same. */
  #bytes: Buffer = Buffer.alloc(0);
  /** The head that was given last. */
  #head: Uint8Array = this.#bytes;
  #type: 'http' | 'upgrade' = 'http';
  /** Where in the bytes its id is, and how long; less than 0 where it cannot be exchanged. */
  #idAt = 0;
  #idChars = -1;

  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #fields: string[] = [];
  /** What the rest says; undefined where it is written anew in any case. */
  #written: Written | undefined;
  /** Where in the rest the value of `x-request-id` begins; 0 where it cannot be exchanged. */
  #requestIdAt = 0;
  #scratch: Buffer | undefined;

  request(type: 'http' | 'upgrade', id: RequestKey, head: RequestHead, stream: number | undefined): Uint8Array {
    const isSame = this.#take(headersRecord(head.headers));
    if (!isSame || stream !== undefined || !says(this.#written, head)) {
      const { method, path, base, user, remote } = head;
      this.#write(
        `,"payload":{"method":${quoted(method)},"path":${quoted(path)},"base":${quoted(base)},"headers":`,
        head.headers,
        `,"user":${userText(user)},"remote":${quoted(remote)}${endText(stream)}`,
        // The caller may change its objects.
        stream === undefined ? { method, path, base, user: user && { ...user }, remote } : undefined,
      );
    }
    return this.#begin(type, id);
  }

  response(id: RequestKey, status: number, headers: HeadersInput, stream: number | undefined): Uint8Array {
    const isSame = this.#take(headersRecord(headers));
    if (!isSame || stream !== undefined || this.#written !== status) {
      const written = stream === undefined ? status : undefined;
      this.#write(`,"payload":{"status":${status},"headers":`, headers, endText(stream), written);
    }
    return this.#begin('http', id);
  }

  /** The head with this front. */
  #begin(type: 'http' | 'upgrade', key: RequestKey): Uint8Array {
    if (type === this.#type && this.#exchange(key)) return this.#head;
    const id = String(key);
    const beforeId = `{"type":"${type}","request_id":"`;
    const isPlain = PLAIN.test(id);
    const front = isPlain ? `${beforeId}${id}"` : `{"type":"${type}","request_id":${JSON.stringify(id)}`;
    const frontBytes = Buffer.byteLength(front);
    this.#idChars = -1;
    if (frontBytes > FRONT_BYTES) return Buffer.concat([Buffer.from(front), this.#bytes.subarray(FRONT_BYTES)]);
    const start = FRONT_BYTES - frontBytes;
    this.#bytes.write(front, start);
    this.#head = this.#bytes.subarray(start);
    this.#type = type;
    this.#idAt = start + beforeId.length;
    if (isPlain) this.#idChars = id.length;
    return this.#head;
  }

  /** Puts an id into the place of the one before; false where it is not as long, or does not stand for itself. */
  #exchange(key: RequestKey): boolean {
    return typeof key === 'number' ? this.#exchangeNumber(key) : key.length === this.#idChars && this.#exchangeId(key);
  }

  #exchangeNumber(number: number): boolean {
    let rest = number;
    for (let index = this.#idChars - 1; index >= 0; index--) {
      const more = Math.floor(rest / 10);
      // Fewer digits than there are places.
      if (rest === 0) return false;
      this.#bytes[this.#idAt + index] = ZERO + (rest - more * 10);
      rest = more;
    }
    return rest === 0 && this.#idChars > 0;
  }

  #exchangeId(id: string): boolean {
    const bytes = this.#bytes;
    const at = this.#idAt;
    for (let index = 0; index < id.length; index++) {
      const code = id.charCodeAt(index);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false;
      bytes[at + index] = code;
    }
    return true;
  }

  /** Remembers the fields; whether the rest has them. */
  #take(record: Readonly<Record<string, string | readonly string[]>>): boolean {
    const names = Object.keys(record);
    let isSame = names.length === this.#names.length;
    let requestId: string | undefined;
    if (!isSame) this.#names.length = this.#values.length = this.#fields.length = names.length;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const value = record[name];
      if (typeof value !== 'string') {
        // With lists nothing is remembered.
        this.#names.length = this.#values.length = this.#fields.length = 0;
        return false;
      }
      const before = this.#values[index];
      const isNamed = this.#names[index] === name;
      if (isNamed && before === value) continue;
      if (isNamed && name === REQUEST_ID_HEADER && before?.length === value.length) requestId = value;
      else isSame = false;
      this.#names[index] = name;
      this.#values[index] = value;
      this.#fields[index] = `${quoted(name)}:${quoted(value)}`;
    }
    return isSame && (requestId === undefined || this.#exchangeHeader(requestId));
  }

  /** Puts another `x-request-id` into the place of the one before; false where it does not stand for itself. */
  #exchangeHeader(requestId: string): boolean {
    if (this.#requestIdAt === 0 || !PLAIN.test(requestId)) return false;
    this.#bytes.write(requestId, this.#requestIdAt, 'latin1');
    return true;
  }

  #write(before: string, headers: HeadersInput, after: string, written: Written | undefined): void {
    const isRemembered = this.#names.length > 0;
    const fields = isRemembered ? `{${this.#fields.join(',')}}` : JSON.stringify(headersRecord(headers));
    const text = before + fields + after;
    this.#encode(text);
    this.#written = isRemembered ? written : undefined;
    this.#requestIdAt = 0;
    if (!isRemembered || this.#bytes.length - FRONT_BYTES > text.length) return;
    const index = this.#names.indexOf(REQUEST_ID_HEADER);
    if (index < 0 || !PLAIN.test(this.#values[index] as string)) return;
    let at = FRONT_BYTES + before.length + '{'.length;
    for (const field of this.#fields.slice(0, index)) at += field.length + ','.length;
    this.#requestIdAt = at + `"${REQUEST_ID_HEADER}":"`.length;
  }

  #encode(text: string): void {
    this.#idChars = -1;
    const isLong = text.length * MAX_CHAR_BYTES > SCRATCH_BYTES;
    const memory = isLong
      ? Buffer.allocUnsafeSlow(FRONT_BYTES + Buffer.byteLength(text))
      : (this.#scratch ??= Buffer.allocUnsafeSlow(FRONT_BYTES + SCRATCH_BYTES));
    this.#bytes = memory.subarray(0, FRONT_BYTES + memory.write(text, FRONT_BYTES));
  }
}

function says(written: Written | undefined, { method, path, base, user, remote }: RequestHead): boolean {
  if (typeof written !== 'object' || written.path !== path || written.method !== method) return false;
  if (written.base !== base || written.remote !== remote) return false;
  const known = written.user;
  if (user === null || known === null) return user === known;
  return known.id === user.id && known.name === user.name && known.role === user.role;
}

function endText(stream: number | undefined): string {
  return stream === undefined ? '}}' : `,"stream":${stream}}}`;
}

function userText(user: UserV2 | null): string {
  return user === null ? 'null' : `{"id":${quoted(user.id)},"name":${quoted(user.name)},"role":${quoted(user.role)}}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
