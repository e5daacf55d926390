import { AppError } from '../common';

/** The longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;
/** The longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 1024 * 1024;

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
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new AppError('kv_key_invalid', `The key is longer than ${MAX_KEY_BYTES} bytes of UTF-8: use a shorter one.`);
  }
  const problem = problemOf(key);
  if (problem) throw new AppError('kv_key_invalid', `The key contains ${problem}.`);
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
