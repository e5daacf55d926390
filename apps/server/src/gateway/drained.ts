import type { Writable } from 'node:stream';

/** Waits until what was written has gone out. Rejects where the stream is closed first, or takes nothing for so long. */
export function drained(stream: Writable, idleMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      stream.off('drain', onDrain).off('close', onClose);
    };
    const onDrain = (): void => {
      settle();
      resolve();
    };
    const onClose = (): void => {
      settle();
      reject(new Error('the client left'));
    };
    const timer = setTimeout(onClose, idleMs);
    stream.once('drain', onDrain).once('close', onClose);
    if (stream.destroyed) onClose();
  });
}
