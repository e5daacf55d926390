import type { ReceiveStream } from '@toru/protocol';
import { AppError } from '../common';
import { toAppError } from './v2-errors';

/** The longest answer that is taken as one text: a plugin's bundle, not a download. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** The whole body of an answer; null where there is none. @throws AppError `plugin_error` */
export async function textOf(body: Uint8Array | ReceiveStream | undefined, plugin: string): Promise<string | null> {
  if (body === undefined) return null;
  const bytes = body instanceof Uint8Array ? body : await collect(body, plugin);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('plugin_error', 'The plugin answered with bytes that are no UTF-8 text.', { plugin, cause });
  }
}

async function collect(body: ReceiveStream, plugin: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MAX_TEXT_BYTES) {
        throw new AppError('plugin_error', `The plugin answered with more than ${MAX_TEXT_BYTES} bytes.`, { plugin });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw toAppError(error, plugin);
  }
  return Buffer.concat(chunks, size);
}
