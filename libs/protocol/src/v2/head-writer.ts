import type { UserV2 } from '@toru/contracts';
import { headersRecord } from './http-v2';
import type { HeadersInput, RequestHead } from './http-v2';

/** A string that is its own JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** The host gives each request one of its own. */
const REQUEST_ID_HEADER = 'x-request-id';
/** Texts up to this size are encoded into memory that is kept. */
const SCRATCH_BYTES = 4096;
const MAX_CHAR_BYTES = 3;

/** What a head says beside its ids and its headers; a number is the status of an answer. */
type Written = Omit<RequestHead, 'headers'> | number;

/**
 * Writes the heads of `http` and `upgrade`, to the letter as `JSON.stringify` does: a text as far as the `request_id`, and
 * in `rest` the bytes that follow. It keeps those: a head that differs from the one before in nothing but its `request_id`
 * and `x-request-id`, as nearly all do, is not written anew.
 */
export class HeadWriter {
  /** What follows the text that was given last, until the next one. */
  rest: Uint8Array = Buffer.alloc(0);

  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #fields: string[] = [];
  /** What the rest says; undefined where it is written anew in any case. */
  #written: Written | undefined;
  /** Where in the rest the value of `x-request-id` begins; 0 where it cannot be exchanged. */
  #requestIdAt = 0;
  #scratch: Buffer | undefined;

  request(type: 'http' | 'upgrade', id: string, head: RequestHead, stream: number | undefined): string {
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
    return `{"type":"${type}","request_id":${quoted(id)}`;
  }

  response(id: string, status: number, headers: HeadersInput, stream: number | undefined): string {
    const isSame = this.#take(headersRecord(headers));
    if (!isSame || stream !== undefined || this.#written !== status) {
      const written = stream === undefined ? status : undefined;
      this.#write(`,"payload":{"status":${status},"headers":`, headers, endText(stream), written);
    }
    return `{"type":"http","request_id":${quoted(id)}`;
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
    return isSame && (requestId === undefined || this.#exchange(requestId));
  }

  #exchange(requestId: string): boolean {
    if (this.#requestIdAt === 0 || !PLAIN.test(requestId)) return false;
    (this.rest as Buffer).write(requestId, this.#requestIdAt, 'latin1');
    return true;
  }

  #write(before: string, headers: HeadersInput, after: string, written: Written | undefined): void {
    const isRemembered = this.#names.length > 0;
    const fields = isRemembered ? `{${this.#fields.join(',')}}` : JSON.stringify(headersRecord(headers));
    const text = before + fields + after;
    this.rest = this.#encode(text);
    this.#written = isRemembered ? written : undefined;
    this.#requestIdAt = 0;
    if (!isRemembered || this.rest.length > text.length) return;
    const index = this.#names.indexOf(REQUEST_ID_HEADER);
    if (index < 0 || !PLAIN.test(this.#values[index] as string)) return;
    let at = before.length + '{'.length;
    for (const field of this.#fields.slice(0, index)) at += field.length + ','.length;
    this.#requestIdAt = at + `"${REQUEST_ID_HEADER}":"`.length;
  }

  #encode(text: string): Buffer {
    if (text.length * MAX_CHAR_BYTES > SCRATCH_BYTES) return Buffer.from(text);
    this.#scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    return this.#scratch.subarray(0, this.#scratch.write(text));
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
