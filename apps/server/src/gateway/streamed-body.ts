import type { IncomingMessage } from 'node:http';
import { MAX_DATA_BYTES } from '@toru/contracts';
import { hasBody, readBody, tooLarge } from './request-body';

/** Told of each piece of a body, and of one that grows beyond its limit. */
export interface UploadObserver {
  /** @param bytes how many came now */
  progress(bytes: number): void;
  refuse(error: Error): void;
}

/**
 * The body for a plugin that takes bytes: a small one whole, so that it travels beside the head of the request; any other
 * piece by piece, as fast as the plugin takes it.
 * @param onStart called when the first bytes are asked for; of a body that is streamed, when the plugin's turn has come
 */
export async function streamedBody(
  request: IncomingMessage,
  limit: number,
  observer: UploadObserver,
  onStart: () => void,
): Promise<Uint8Array | AsyncIterable<Uint8Array> | null> {
  if (!hasBody(request)) return null;
  const length = Number(request.headers['content-length'] ?? NaN);
  if (length <= MAX_DATA_BYTES) {
    onStart();
    return readBody(request, MAX_DATA_BYTES);
  }
  return pieces(request, limit, observer, onStart);
}

async function* pieces(
  request: IncomingMessage,
  limit: number,
  observer: UploadObserver,
  onStart: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  onStart();
  let bytes = 0;
  // the answer still has to go out on this connection, so leaving early must not destroy the request
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) {
      const error = tooLarge(limit);
      observer.refuse(error);
      throw error;
    }
    observer.progress(chunk.length);
    yield chunk;
  }
}
