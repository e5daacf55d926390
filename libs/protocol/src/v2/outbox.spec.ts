import { Duplex } from 'node:stream';
import { MAX_FRAME_BYTES } from '@toru/contracts';
import fc from 'fast-check';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { Outbox } from './outbox';
import { LONG_MS, socketPair } from './testing/peers';

const EARLY = 32 * 1024;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Keeps what is written; each write is under way until it is told to be done. */
class SlowSocket extends Duplex {
  readonly writes: number[] = [];
  readonly #done: (() => void)[] = [];

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    this.#done.push(done);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this._writev([{ chunk }], done);
  }

  finish(): void {
    this.#done.shift()?.();
  }
}

function outboxOf(socket: Duplex): Outbox {
  return new Outbox(socket, {
    ...{ maxFrameBytes: MAX_FRAME_BYTES, highWaterBytes: 1024 * 1024, maxBufferedBytes: 32 * 1024 * 1024 },
    stallMs: LONG_MS,
    onFailed: (error) => expect(error).toBeUndefined(),
  });
}

/** A message that takes so many bytes as a frame. */
const message = (frameBytes: number): string => JSON.stringify('x'.repeat(frameBytes - 4 - 2));

describe('Outbox', () => {
  it('[PRO-7] sends what comes in one turn with one write, at its end', async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    for (let n = 0; n < 10; n++) outbox.send(message(100));
    expect(socket.writes).toEqual([]);
    await turn();
    expect(socket.writes).toEqual([1000]);
    outbox.close();
  });

  it('[PRO-7] does not wait for the end of the turn with a lot, so that the other side works meanwhile', () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    outbox.send(message(EARLY - 100));
    expect(socket.writes).toEqual([]);
    outbox.send(message(100));
    expect(socket.writes).toEqual([EARLY]);
    outbox.close();
  });

  it('[PRO-7] does not wait for it with many small frames either', async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    for (let n = 0; n < 15; n++) outbox.send(message(100));
    expect(socket.writes).toEqual([]);
    outbox.send(message(100));
    expect(socket.writes).toEqual([1600]);
    // counted anew from each write on
    for (let n = 0; n < 15; n++) outbox.send(message(100));
    expect(socket.writableLength).toBe(1600);
    socket.finish();
    await turn();
    expect(socket.writes).toEqual([1600, 1500]);
    outbox.close();
  });

  it('[PRO-7] gathers while enough is on its way, and goes on when that is taken', async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    const piece = message(EARLY);
    for (let n = 0; n < 20; n++) outbox.send(piece);
    // the stream hands its socket one write at a time; no more than 128 KiB were given to it
    expect(socket.writes).toEqual([EARLY]);
    expect(socket.writableLength).toBe(4 * EARLY);
    for (let n = 0; n < 4; n++) {
      socket.finish();
      await turn();
    }
    expect(socket.writes.reduce((sum, bytes) => sum + bytes)).toBe(20 * EARLY);
    outbox.close();
  });

  it('[PRO-7] keeps every byte in its order, whatever memory it uses again', async () => {
    const sizes = fc.array(
      fc.record({
        json: fc.oneof(fc.nat(200), fc.constantFrom(30_000, 70_000)),
        tail: fc.oneof(fc.constant(0), fc.nat(9000), fc.constantFrom(8192, 8193, 70_000)),
        wait: fc.boolean(),
        bytes: fc.boolean(),
        textTail: fc.boolean(),
        text: fc.constantFrom('x', 'é', '€', '😀'),
      }),
      { minLength: 1, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(sizes, async (frames) => {
        const [here, there] = await socketPair();
        const outbox = outboxOf(here);
        const decoder = new FrameDecoderV2();
        decoder.acceptTails();
        const received: { text: string; tail: Buffer }[] = [];
        const all = new Promise<void>((resolve) => {
          there.on('data', (chunk: Buffer) => {
            decoder.push(chunk);
            for (let head = decoder.next(); head; head = decoder.next()) {
              received.push({ text: head.toString(), tail: Buffer.from(decoder.tail ?? []) });
              if (received.length === frames.length) resolve();
            }
          });
        });
        const sent = frames.map(({ json, tail, text, textTail }, n) => ({
          text: JSON.stringify({ n, text: text.repeat(json) }),
          tail: textTail ? Buffer.from(text.repeat(tail)) : Buffer.alloc(tail, `${n}.`),
        }));
        for (const [n, { text, tail }] of sent.entries()) {
          const given = frames[n]?.textTail ? tail.toString() : tail;
          outbox.send(frames[n]?.bytes ? Buffer.from(text) : text, given);
          if (frames[n]?.wait) await turn();
        }
        await all;
        expect(received.map(({ text }) => text)).toEqual(sent.map(({ text }) => text));
        expect(received.every(({ tail }, n) => tail.equals(sent[n]?.tail ?? Buffer.alloc(0)))).toBe(true);
        outbox.close();
        here.destroy();
        there.destroy();
      }),
      { numRuns: 40 },
    );
  });
});
