import { MAX_DATA_BYTES } from '@toru/contracts';
import { AppError } from '../common';

/**
 * The body for a plugin that takes no streams: whole, as far as it fits beside the head of a request.
 * @throws AppError `payload_too_large`
 */
export async function bufferedBody(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return checked(body);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_DATA_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function checked(body: Uint8Array): Uint8Array {
  if (body.length > MAX_DATA_BYTES) throw tooLarge();
  return body;
}

function tooLarge(): AppError {
  return new AppError(
    'payload_too_large',
    `The plugin takes no streams, and so no body of more than ${MAX_DATA_BYTES} bytes.`,
  );
}
