import type { ServerResponse } from 'node:http';
import type { ReceiveStream } from '@toru/protocol';
import { drained } from './drained';
import type { EndlessStreams } from './endless-streams';
import { IdleWatch } from './idle-watch';

export interface StreamedAnswerOptions {
  /** The length that the head of the answer has told; undefined where it told none. */
  readonly declared: number | undefined;
  /** How long the client may read nothing of what waits for it, in milliseconds. */
  readonly sendIdleMs: number;
  /** How long nothing may come of the answer, in milliseconds; `Infinity`: any time. */
  readonly idleMs: number;
  readonly onBytes: (bytes: number) => void;
  /** Where the answer is entered that has no end of its own. */
  readonly endless?: EndlessStreams | undefined;
  /** Ends the answer when all of it was written. */
  readonly end: () => void;
}

/** How soon the system asks a client that is sent nothing whether it is still there, in milliseconds. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Sends a plugin's stream as the body of an answer whose head is out, as fast as the client reads. Each piece goes out at
 * once, so that events are not held back. An answer that cannot be completed ends with its connection, because that is
 * the only way left to tell the client. Never rejects.
 */
export async function pumpAnswer(
  response: ServerResponse,
  stream: ReceiveStream,
  { declared, sendIdleMs, idleMs, onBytes, endless, end }: StreamedAnswerOptions,
): Promise<void> {
  const leave = (): void => {
    stream.cancel({ code: 'client_gone', message: 'The client left' });
  };
  response.once('close', leave);
  // a client that has vanished without a word would hold a stream on which nothing is said for ever
  response.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
  const idle = new IdleWatch(idleMs, () => {
    stream.cancel({ code: 'idle', message: `Nothing came for ${idleMs} ms` });
  });
  const told = { toEnd: false };
  const leaveEndless = endless?.add(() => {
    told.toEnd = true;
    stream.cancel({ code: 'shutting_down', message: 'The host is shutting down' });
  });
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > (declared ?? Infinity)) throw new Error('the answer is longer than it said');
      onBytes(chunk.length);
      if (!response.write(chunk)) await drained(response, sendIdleMs);
      idle.moved();
    }
    if (bytes < (declared ?? 0)) throw new Error('the answer is shorter than it said');
    response.off('close', leave);
    end();
  } catch {
    if (told.toEnd && declared === undefined) end();
    else response.destroy();
  } finally {
    leaveEndless?.();
    idle.end();
  }
}
