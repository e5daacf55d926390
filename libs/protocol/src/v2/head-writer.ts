import type { UserV2 } from '@toru/contracts';
import { headersRecord } from './http-v2';
import type { HeadersInput, RequestHead } from './http-v2';

/** A string that is its own JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Writes the heads of `http` and `upgrade`, to the letter as `JSON.stringify` does. It remembers the header fields of the head
 * before: those that are the same again, which are nearly all, are not written anew.
 */
export class HeadWriter {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #fields: string[] = [];
  #headers = '{}';

  request(type: 'http' | 'upgrade', id: string, head: RequestHead, stream: number | undefined): string {
    const { method, path, base, headers, user, remote } = head;
    return (
      `{"type":"${type}","request_id":${quoted(id)},"payload":{"method":${quoted(method)},"path":${quoted(path)},` +
      `"base":${quoted(base)},"headers":${this.#write(headers)},"user":${userText(user)},"remote":${quoted(remote)}` +
      (stream === undefined ? '}}' : `,"stream":${stream}}}`)
    );
  }

  response(id: string, status: number, headers: HeadersInput, stream: number | undefined): string {
    return (
      `{"type":"http","request_id":${quoted(id)},"payload":{"status":${status},"headers":${this.#write(headers)}` +
      (stream === undefined ? '}}' : `,"stream":${stream}}}`)
    );
  }

  #write(headers: HeadersInput): string {
    const record = headersRecord(headers);
    const names = Object.keys(record);
    let isSame = names.length === this.#names.length;
    if (!isSame) this.#names.length = this.#values.length = this.#fields.length = names.length;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const value = record[name];
      if (typeof value !== 'string') return this.#writeAny(record);
      if (this.#values[index] === value && this.#names[index] === name) continue;
      isSame = false;
      this.#names[index] = name;
      this.#values[index] = value;
      this.#fields[index] = `${quoted(name)}:${quoted(value)}`;
    }
    if (!isSame) this.#headers = `{${this.#fields.join(',')}}`;
    return this.#headers;
  }

  /** With lists: nothing is remembered. */
  #writeAny(record: ReturnType<typeof headersRecord>): string {
    this.#names.length = this.#values.length = this.#fields.length = 0;
    this.#headers = '{}';
    return JSON.stringify(record);
  }
}

function userText(user: UserV2 | null): string {
  return user === null ? 'null' : `{"id":${quoted(user.id)},"name":${quoted(user.name)},"role":${quoted(user.role)}}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
