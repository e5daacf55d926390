import { AppError } from '../common';

/** The longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;
/** The longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 1024 * 1024;
/** The longest time to live, in milliseconds: a hundred years, so that no time has a year of five digits. */
export const MAX_TTL_MS = 100 * 365 * 24 * 3_600_000;
/** How many values one `list` may ask for, and how many it gets unasked. */
export const MAX_LIST_LIMIT = 1000;
export const DEFAULT_LIST_LIMIT = 100;
/** How many operations one batch may have. */
export const MAX_BATCH_OPERATIONS = 100;
/**
 * How many bytes of UTF-8 of keys and values go into one answer. As JSON a byte may become six (`\u0001`), and the answer
 * has to fit a frame of 16 MiB.
 */
export const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

const PLUGIN_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Half of a surrogate pair: no UTF-8 can say it, so databases would store something else. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const NUL = '\u0000';

/**
 * The namespace of a plugin: its own id, without letter case (KV-4).
 * @throws AppError `plugin_not_found` when this can be no plugin's id.
 */
export function namespaceOf(pluginId: string): string {
  const namespace = pluginId.toLowerCase();
  if (!PLUGIN_ID.test(namespace)) throw new AppError('plugin_not_found', 'This is not the id of a plugin.');
  return namespace;
}

/**
 * Refuses what some database cannot keep exactly as it is, so that all of them give the same verdict. Keys are compared
 * by their characters; no Unicode normalisation takes place: two forms of the same letter are two keys.
 * @throws AppError `kv_key_invalid`
 */
export function requireValidKey(key: string): void {
  if (key === '') throw new AppError('kv_key_invalid', `The key is empty: use 1 to ${MAX_KEY_BYTES} bytes.`);
  requireKeyText('key', key);
}

/**
 * A prefix is any beginning of a key, or nothing.
 * @throws AppError `kv_key_invalid`
 */
export function requireValidPrefix(prefix: string): void {
  requireKeyText('prefix', prefix);
}

function requireKeyText(name: string, text: string): void {
  if (Buffer.byteLength(text) > MAX_KEY_BYTES) {
    throw new AppError(
      'kv_key_invalid',
      `The ${name} is longer than ${MAX_KEY_BYTES} bytes of UTF-8: use a shorter one.`,
    );
  }
  const problem = problemOf(text);
  if (problem) throw new AppError('kv_key_invalid', `The ${name} contains ${problem}.`);
}

/** @throws AppError `kv_value_too_large`, `kv_value_invalid` */
export function requireValidValue(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_VALUE_BYTES) {
    throw new AppError(
      'kv_value_too_large',
      `The value has ${bytes} bytes of UTF-8, ${MAX_VALUE_BYTES} are allowed: store it in parts, or in the plugin's own files.`,
    );
  }
  const problem = problemOf(value);
  if (problem) throw new AppError('kv_value_invalid', `The value contains ${problem}.`);
}

function problemOf(text: string): string | undefined {
  if (text.includes(NUL)) return 'a NUL character: encode binary data, for example as base64';
  if (LONE_SURROGATE.test(text)) return 'half of a surrogate pair: send valid Unicode, or encode binary data as base64';
  return undefined;
}
