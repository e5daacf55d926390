import type { Readable } from 'node:stream';
import { LineSplitter } from './line-splitter';
import type { OutputStream } from './log-line';
import type { PluginLog } from './plugin-log';

/** After this many bytes in one go, others get their turn before more is read of this stream. */
const BYTES_PER_TURN = 512 * 1024;
/** How long that turn lasts while the output is over its limit, so that a flood does not keep the host busy. */
const FLOOD_PAUSE_MS = 5;
/** The limit is looked at after so many bytes: thousands of short lines may be in one chunk. */
const SLICE_BYTES = 4096;

/** The reading of one output stream of a plugin. */
export interface CaptureHandle {
  /** Resolves when the stream has ended, whichever way, and its last line was taken. Never rejects. */
  readonly done: Promise<void>;
  /** Reads no more: takes the last line and lets go of the stream, even if a grandchild still holds it open. */
  stop(): void;
}

/**
 * Reads everything that a plugin prints, as fast as it comes, so that the plugin never blocks on a full pipe. What is
 * over the plugin's limit is counted and thrown away, at little cost.
 */
export function captureOutput(stream: Readable, name: OutputStream, log: PluginLog): CaptureHandle {
  const splitter = new LineSplitter((line) => {
    log.printed(name, line);
  });
  let bytesThisTurn = 0;
  let turn: NodeJS.Timeout | undefined;
  let ended = false;
  let resolveDone: () => void;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });

  const finish = (): void => {
    if (ended) return;
    ended = true;
    clearTimeout(turn);
    stream.off('data', read);
    splitter.end();
    log.noteDropped();
    resolveDone();
  };
  const resume = (): void => {
    turn = undefined;
    bytesThisTurn = 0;
    stream.resume();
  };
  const read = (data: Buffer | string): void => {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      if (log.isOverLimit) {
        log.discarded(splitter.discard(chunk.subarray(start)));
        break;
      }
      splitter.push(chunk.subarray(start, start + SLICE_BYTES));
    }
    bytesThisTurn += chunk.length;
    if (bytesThisTurn < BYTES_PER_TURN || turn) return;
    stream.pause();
    turn = setTimeout(resume, log.isOverLimit ? FLOOD_PAUSE_MS : 0);
  };

  stream.on('data', read);
  stream.once('end', finish);
  stream.once('close', finish);
  // a broken pipe ends the output; the process's own end is reported by whoever watches the process
  stream.on('error', finish);
  if (stream.destroyed || stream.readableEnded) finish();
  return {
    done,
    stop: () => {
      finish();
      stream.destroy();
    },
  };
}
