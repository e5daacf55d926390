import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../common';
import type { ClientSide } from './client-side';

/** The client left before its request was complete: there is nobody to answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Whether a body follows the head of a request. */
export function hasBody(request: Pick<IncomingMessage, 'headers'>): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > 0;
}

/** Refuses a body by its declared length. @throws AppError `payload_too_large` */
export function checkDeclaredLength(request: Pick<IncomingMessage, 'headers'>, limit: number): void {
  const length = request.headers['content-length'];
  // "not at most" instead of "more": a length that is no number is refused as well
  if (length !== undefined && !(Number(length) <= limit)) throw tooLarge(limit);
}

/**
 * The whole body; null where there is none, or an empty one. Never holds more than `limit` bytes and one chunk.
 * @param timeoutMs how long all of it may take, in milliseconds
 * @throws AppError `payload_too_large` or `request_timeout`; ClientGoneError
 */
export function readBody(request: IncomingMessage, limit: number, timeoutMs: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    if (request.destroyed && !request.readableEnded) {
      reject(new ClientGoneError());
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => {
      settle();
      request.pause();
      reject(bodyTimeout(timeoutMs));
    }, timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) {
        settle();
        request.pause();
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      resolve(bytes === 0 ? null : Buffer.concat(chunks, bytes));
    };
    const onGone = (): void => {
      settle();
      reject(new ClientGoneError());
    };
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

/** What a client collects of its body. Rejects as `readBody` does. */
export function collectBody(client: Pick<ClientSide, 'collect'>, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(bodyTimeout(timeoutMs));
    }, timeoutMs);
    client
      .collect()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });
}

/** A body as version 1 carries it, byte for byte. @throws AppError `unsupported_body` where it is not UTF-8 */
export function textBody(body: Buffer): string {
  if (!isUtf8(body)) {
    throw new AppError(
      'unsupported_body',
      'The body is not UTF-8 text. This plugin speaks protocol version 1, which carries text only: send text, or encode the bytes (Base64).',
    );
  }
  return body.toString('utf8');
}

/** The refusal of a body beyond `limit` bytes. */
export function tooLarge(limit: number): AppError {
  return new AppError('payload_too_large', `The body is longer than ${limit} bytes, the most that is forwarded.`);
}

/** The refusal of a body that did not come in time. */
export function bodyTimeout(timeoutMs: number): AppError {
  return new AppError('request_timeout', `The body did not come within ${timeoutMs} ms.`);
}
