import type { ServerResponse } from 'node:http';
import type { ReceiveStream } from '@toru/protocol';
import { drained } from './drained';

export interface StreamedAnswerOptions {
  /** The length that the head of the answer has told; undefined where it told none. */
  readonly declared: number | undefined;
  /** How long the client may read nothing of what waits for it, in milliseconds. */
  readonly sendIdleMs: number;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Sends a plugin's stream as the body of an answer whose head is out, as fast as the client reads. Each piece goes out at
 * once, so that events are not held back. An answer that cannot be completed ends with its connection, because that is
 * the only way left to tell the client. Never rejects.
 */
export async function pumpAnswer(
  response: ServerResponse,
  stream: ReceiveStream,
  { declared, sendIdleMs, onBytes }: StreamedAnswerOptions,
): Promise<void> {
  const leave = (): void => {
    stream.cancel({ code: 'client_gone', message: 'The client left' });
  };
  response.once('close', leave);
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > (declared ?? Infinity)) throw new Error('the answer is longer than it said');
      onBytes(chunk.length);
      if (!response.write(chunk)) await drained(response, sendIdleMs);
    }
    if (bytes < (declared ?? 0)) throw new Error('the answer is shorter than it said');
    response.off('close', leave).end();
  } catch {
    response.destroy();
  }
}
