import type { ReceiveStream } from '@toru/protocol';
import type { AnswerBody } from './client-side';
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
}

/**
 * Sends a plugin's stream as the body of an answer whose head is out, as fast as the client reads. Each piece goes out at
 * once, so that events are not held back. An answer that cannot be completed ends with its connection, because that is
 * the only way left to tell the client. Never rejects.
 */
export async function pumpAnswer(
  answer: AnswerBody,
  stream: ReceiveStream,
  { declared, sendIdleMs, idleMs, onBytes, endless }: StreamedAnswerOptions,
): Promise<void> {
  const { events } = answer;
  const leave = (): void => {
    stream.cancel({ code: 'client_gone', message: 'The client left' });
  };
  events.once('close', leave);
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
      if (!answer.write(chunk)) await drained(events, sendIdleMs);
      idle.moved();
    }
    if (bytes < (declared ?? 0)) throw new Error('the answer is shorter than it said');
    answer.end();
  } catch {
    if (told.toEnd && declared === undefined) answer.end();
    else events.destroy();
  } finally {
    events.off('close', leave);
    leaveEndless?.();
    idle.end();
  }
}
