import type { IncomingMessage } from 'node:http';
import { MAX_DATA_BYTES } from '@toru/contracts';
import { hasBody, readBody, tooLarge } from './request-body';

/** Told of each piece of a body, and of one that grows beyond its limit. */
export interface UploadObserver {
  /** Whether the next piece is the client's to send, or the plugin's to take. */
  awaitsClient: boolean;
  /** @param bytes how many came now */
  progress(bytes: number): void;
  refuse(error: Error): void;
}

export interface StreamedBodyOptions {
  /** In bytes. */
  readonly limit: number;
  /** How long a small body may take as a whole, in milliseconds. */
  readonly timeoutMs: number;
  /** Called when the first bytes are asked for; of a body that is streamed, when the plugin's turn has come. */
  readonly onStart: () => void;
}

/**
 * The body for a plugin that takes bytes: a small one whole, so that it travels beside the head of the request; any other
 * piece by piece, as fast as the plugin takes it.
 */
export async function streamedBody(
  request: IncomingMessage,
  observer: UploadObserver,
  options: StreamedBodyOptions,
): Promise<Uint8Array | AsyncIterable<Uint8Array> | null> {
  if (!hasBody(request)) return null;
  const length = Number(request.headers['content-length'] ?? NaN);
  if (length <= MAX_DATA_BYTES) {
    options.onStart();
    return readBody(request, MAX_DATA_BYTES, options.timeoutMs);
  }
  return pieces(request, observer, options);
}

async function* pieces(
  request: IncomingMessage,
  observer: UploadObserver,
  { limit, onStart }: StreamedBodyOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  onStart();
  let bytes = 0;
  observer.awaitsClient = true;
  // the answer still has to go out on this connection, so leaving early must not destroy the request
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) {
      const error = tooLarge(limit);
      observer.refuse(error);
      throw error;
    }
    observer.progress(chunk.length);
    observer.awaitsClient = false;
    yield chunk;
    observer.awaitsClient = true;
  }
  observer.awaitsClient = false;
}
