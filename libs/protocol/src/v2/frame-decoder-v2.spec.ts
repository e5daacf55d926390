import fc from 'fast-check';
import { FrameError } from '../frame-error';
import { ProtocolError } from '../protocol-error';
import { encodeFrameV2, FrameBatch } from './frame-batch';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { decodeMessageV2 } from './message-v2';

const LIMIT = 64 * 1024;

/** Everything that a stream decodes to: heads and tails, then the reason that ended them. */
function decode(chunks: readonly Uint8Array[], ready = true) {
  const decoder = new FrameDecoderV2({ maxFrameBytes: LIMIT });
  if (ready) decoder.acceptTails();
  const frames: string[][] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let head = decoder.next(); head; head = decoder.next()) {
        frames.push([head.toString('hex'), decoder.tail?.toString('hex') ?? '']);
      }
    }
    decoder.end();
    return { frames, error: undefined };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { frames, error: error.reason };
  }
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 40_000 })), {
  maxLength: 30,
});
const message = fc.record({ type: fc.string({ minLength: 1 }), payload: fc.dictionary(fc.string(), fc.string()) });
const tail = fc.oneof(fc.constant(undefined), fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.alloc(20_000, 7)));

describe('FrameDecoderV2', () => {
  it('[PRO-7] reads what FrameBatch writes, however it is split and joined', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(message, tail), { maxLength: 12 }), sizes, (frames, cuts) => {
        const batch = new FrameBatch();
        for (const [head, bytes] of frames) batch.add(JSON.stringify(head), bytes);
        const { byteLength } = batch;
        const stream = Buffer.concat(batch.take());
        expect(stream).toHaveLength(byteLength);
        expect(decode(cut(stream, cuts))).toEqual({
          frames: frames.map(([head, bytes]) => [
            Buffer.from(JSON.stringify(head)).toString('hex'),
            Buffer.from(bytes ?? []).toString('hex'),
          ]),
          error: undefined,
        });
      }),
    );
  });

  it('[PRO-8] gives the same frames and the same error for any bytes, however they arrive', () => {
    const lead = fc.constantFrom('', '80', '800000', '80000009', '8000000900000002', '00000002', '0000');
    const bytes = fc
      .tuple(fc.array(fc.tuple(message, tail), { maxLength: 2 }), lead, fc.uint8Array({ maxLength: 60 }))
      .map(([frames, hex, rest]) =>
        Buffer.concat([...frames.flatMap(([m, t]) => encodeFrameV2(m, t)), Buffer.from(hex, 'hex'), rest]),
      );
    fc.assert(
      fc.property(bytes, sizes, fc.boolean(), (stream, cuts, ready) => {
        const whole = decode([stream], ready);
        expect(decode(cut(stream, cuts), ready)).toEqual(whole);
      }),
    );
  });

  it('[PRO-8] messages of any bytes throw nothing but ProtocolError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            decodeMessageV2(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
    );
  });

  it('[PRO-8] takes memory only for bytes that have arrived', () => {
    const decoder = new FrameDecoderV2();
    decoder.acceptTails();
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(Buffer.from('81000000' + '00fffffc', 'hex'));
    expect(decoder.next()).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });

  it('[PRO-7] neither copies a large tail that it writes nor one that it reads', () => {
    const bytes = Buffer.alloc(50_000, 1);
    const buffers = encodeFrameV2({ type: 'data' }, bytes);
    expect(buffers[1]).toBe(bytes);
    const stream = Buffer.concat(buffers);
    const decoder = new FrameDecoderV2();
    decoder.acceptTails();
    decoder.push(stream);
    decoder.next();
    expect(decoder.tail?.buffer).toBe(stream.buffer);
  });
});
