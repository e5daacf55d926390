import type { JsonValue } from '@toru/contracts';
import { isRecord } from './json';
import { ProtocolError } from './protocol-error';

/** A `token` of RFC 9110. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A name as nearly all come: nothing to be lowered. */
const LOWER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** What Node can put on the wire as one byte each: no CR, LF, NUL or other control but the tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Beyond this, clients and proxies refuse a response anyway. */
const MAX_HEADER_CHARS = 64 * 1024;

/**
 * The header fields of an answer, checked, with names in lower case; names that differ only in case become one list.
 *
 * A value is a string, a number or a boolean (which become text), or a list of these. Null and an empty list stand for
 * no header. Anything else is a `ProtocolError`: `invalid_header`, or `headers_too_large`.
 */
export function decodeHeaders(value: JsonValue | undefined): Map<string, string | readonly string[]> {
  const headers = new Map<string, string | readonly string[]>();
  if (value === undefined || value === null) return headers;
  if (!isRecord(value)) throw new ProtocolError('invalid_header', 'The headers are not an object');
  let size = 0;
  for (const name of Object.keys(value)) {
    const given = value[name] as JsonValue;
    if (typeof given === 'string' && LOWER_NAME.test(name) && VALUE.test(given) && !headers.has(name)) {
      headers.set(name, given);
      size += name.length + given.length;
    } else {
      size += addField(headers, name, given);
    }
    if (size > MAX_HEADER_CHARS) {
      throw new ProtocolError('headers_too_large', `The headers take more than ${MAX_HEADER_CHARS} characters`);
    }
  }
  return headers;
}

/** Adds a field of any kind, and gives how many characters it takes. */
function addField(headers: Map<string, string | readonly string[]>, name: string, given: JsonValue): number {
  if (!NAME.test(name)) throw new ProtocolError('invalid_header', 'The name of a header is not a token');
  const values = decodeValues(name, given);
  if (values.length === 0) return 0;
  const key = name.toLowerCase();
  const all = [headers.get(key) ?? [], values].flat(2);
  headers.set(key, all.length === 1 && !Array.isArray(given) ? (all[0] as string) : all);
  return values.reduce((size, text) => size + name.length + text.length, 0);
}

function decodeValues(name: string, given: JsonValue): string[] {
  if (given === null) return [];
  const list = Array.isArray(given) ? (given as readonly JsonValue[]) : [given];
  return list.map((value) => decodeValue(name, value));
}

function decodeValue(name: string, value: JsonValue): string {
  const text = scalarText(value);
  if (text === undefined || !VALUE.test(text)) {
    throw new ProtocolError('invalid_header', `The value of header ${name.slice(0, 64)} cannot be sent`);
  }
  return text;
}

function scalarText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  // A number that a double cannot hold exactly would be sent as another one.
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  return undefined;
}
