import type { JsonObject, JsonValue } from '@toru/contracts';
import { ProtocolError } from './protocol-error';

/** Deeper than any message needs to be, and far from where recursion over the result would exhaust the stack. */
export const MAX_JSON_DEPTH = 64;

/** Bounds what 16 MiB of `[[],[],…` can become in memory. A larger document belongs into a string. */
export const MAX_JSON_VALUES = 1_000_000;

/** A JSON object beside the text that it was parsed from. */
export interface ParsedJson {
  readonly value: JsonObject;
  readonly text: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses bytes from an untrusted side into a fresh object. Throws nothing but `ProtocolError`.
 *
 * A byte order mark is refused: RFC 8259 forbids sending one. Of duplicate keys the last one counts. A key such as
 * `__proto__` becomes a property like any other and stays harmless as long as fields are read through `field`.
 */
export function parseJsonBytes(bytes: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new ProtocolError('invalid_utf8', 'The message is not valid UTF-8');
  }
  return parseJsonText(text);
}

/** The same for text, such as JSON inside a string. */
export function parseJsonText(text: string): ParsedJson {
  if (text.charCodeAt(0) === 0xfeff) {
    throw new ProtocolError('byte_order_mark', 'The message begins with a byte order mark');
  }
  if (mayBeTooLarge(text)) checkSize(text);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // The engine's own message quotes the text, which may hold secrets or control characters.
    throw new ProtocolError('invalid_json', 'The message is not valid JSON');
  }
  if (!isRecord(value)) throw new ProtocolError('not_an_object', 'The message is not a JSON object');
  return { value, text };
}

/** Whether a JSON value is an object: no array, not null. */
export function isRecord(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of an object; undefined if it has none of that name, whatever its prototype has. */
export function field(record: JsonObject | undefined, name: string): JsonValue | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The field if it is a string. */
export function asString(record: JsonObject | undefined, name: string): string | undefined {
  const value = field(record, name);
  return typeof value === 'string' ? value : undefined;
}

/** The field if it is an object. */
export function asRecord(record: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = field(record, name);
  return isRecord(value) ? value : undefined;
}

/** Whether a text can be written as UTF-8: it has no surrogate without its other half. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * A quick look that settles it for nearly every message: with few brackets there is no depth, and with few characters there
 * are not many values. Brackets inside of strings count as well.
 */
function mayBeTooLarge(text: string): boolean {
  return text.length >= MAX_JSON_VALUES || countUpTo(text, '{') + countUpTo(text, '[') > MAX_JSON_DEPTH;
}

/** How often it occurs; counting ends behind the limit. */
function countUpTo(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count <= MAX_JSON_DEPTH; at = text.indexOf(char, at + 1)) count++;
  return count;
}

/** Refuses depth and number of values before anything is built: one pass, no recursion, wrong JSON counts as well. */
function checkSize(text: string): void {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === BACKSLASH) i++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) {
      inString = true;
    } else if (char === COMMA) {
      values++;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      values++;
      if (++depth > MAX_JSON_DEPTH) {
        throw new ProtocolError('too_deep', `The message is nested deeper than ${MAX_JSON_DEPTH} levels`);
      }
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth--;
    }
  }
  if (values > MAX_JSON_VALUES) {
    throw new ProtocolError('too_many_values', `The message has more than ${MAX_JSON_VALUES} values`);
  }
}
