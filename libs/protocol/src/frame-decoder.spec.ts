import { MAX_FRAME_BYTES } from '@toru/contracts';
import { anyCharacter } from '@toru/testing';
import fc from 'fast-check';
import { FrameDecoder } from './frame-decoder';
import { encodeFrame } from './frame-encoder';
import { FrameError } from './frame-error';

const LIMIT = 64 * 1024;

/** Everything that a stream decodes to: the payloads, then the reason that ended them. */
function decode(chunks: readonly Uint8Array[], maxFrameBytes = LIMIT) {
  const decoder = new FrameDecoder({ maxFrameBytes });
  const frames: string[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame; frame = decoder.next()) frames.push(frame.toString('hex'));
    }
    decoder.end();
    return { frames, error: undefined };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { frames, error: error.reason };
  }
}

function frameOf(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
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

const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });
const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 40_000 })), {
  maxLength: 30,
});

describe('FrameDecoder', () => {
  it('[PRO-1] cuts a stream into its frames, however it is split and joined', () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 8 }), sizes, (payloads, cuts) => {
        const chunks = cut(Buffer.concat(payloads.map(frameOf)), cuts);
        expect(decode(chunks)).toEqual({
          frames: payloads.map((bytes) => Buffer.from(bytes).toString('hex')),
          error: undefined,
        });
      }),
    );
  });

  it('[PRO-1] cuts the same frames out of one buffer that each chunk is read into', () => {
    const long = fc.uint8Array({ minLength: 1, maxLength: 20_000 });
    fc.assert(
      fc.property(fc.array(fc.oneof(payload, long), { maxLength: 8 }), sizes, (payloads, cuts) => {
        const shared = Buffer.alloc(160_100);
        const decoder = new FrameDecoder();
        const frames: string[] = [];
        for (const chunk of cut(Buffer.concat(payloads.map(frameOf)), cuts)) {
          chunk.copy(shared.fill(0xff));
          decoder.lend(shared.subarray(0, chunk.length));
          for (let frame = decoder.next(); frame; frame = decoder.next()) frames.push(frame.toString('hex'));
          decoder.keep();
        }
        expect(frames).toEqual(payloads.map((bytes) => Buffer.from(bytes).toString('hex')));
        expect(decoder.pending).toBe(false);
      }),
    );
  });

  it('[PRO-1] splits two frames at every byte with the same result', () => {
    const stream = Buffer.concat([frameOf(Buffer.from('{"a":1}')), frameOf(Buffer.from('{"é":"ž"}'))]);
    const whole = decode([stream]);
    expect(whole.frames).toHaveLength(2);
    for (let at = 0; at <= stream.length; at++) {
      expect(decode([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
    }
  });

  it('[PRO-8] gives the same frames and the same error for any bytes, however they arrive', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(payload, fc.uint8Array({ maxLength: 60 })).map(([good, bad]) => Buffer.concat([frameOf(good), bad])),
    );
    fc.assert(
      fc.property(bytes, sizes, (given, cuts) => {
        const stream = Buffer.from(given);
        const whole = decode([stream], 250);
        expect(decode(cut(stream, cuts), 250)).toEqual(whole);
        expect(
          decode(
            [...stream].map((byte) => Buffer.of(byte)),
            250,
          ),
        ).toEqual(whole);
      }),
    );
  });

  it('[PRO-1] joins large and small chunks of one frame of the largest size', () => {
    const bytes = Buffer.alloc(MAX_FRAME_BYTES, 'abcdefg');
    const stream = frameOf(bytes);
    const decoder = new FrameDecoder();
    for (const chunk of cut(stream, [2, 3, 100, 20_000, 5, 8192, 8191, 70_000, 1])) decoder.push(chunk);
    expect(decoder.next()?.equals(bytes)).toBe(true);
    expect(decoder.pending).toBe(false);
  });

  it.each([
    ['length 0', header(0), 'empty_frame'],
    ['one byte over the limit', header(LIMIT + 1), 'frame_too_large'],
    ['the top bit', header(0x8000_0001), 'frame_too_large'],
    ['0xFFFFFFFF', header(0xffff_ffff), 'frame_too_large'],
  ])('[PRO-8] refuses %s from the header alone', (_name, bytes, reason) => {
    const decoder = new FrameDecoder({ maxFrameBytes: LIMIT });
    decoder.push(bytes);
    expect(() => decoder.next()).toThrow(expect.objectContaining({ name: 'FrameError', reason }));
  });

  it('[PRO-8] cannot be given a limit above that of the protocol', () => {
    const decoder = new FrameDecoder({ maxFrameBytes: 0x7fff_ffff });
    decoder.push(header(MAX_FRAME_BYTES + 1));
    expect(() => decoder.next()).toThrow(expect.objectContaining({ reason: 'frame_too_large' }));
  });

  it('[PRO-8] delivers the frames before a bad one, and stays broken after it', () => {
    const decoder = new FrameDecoder({ maxFrameBytes: LIMIT });
    decoder.push(Buffer.concat([frameOf(Buffer.from('{}')), header(0), frameOf(Buffer.from('{}'))]));
    expect(decoder.next()?.toString()).toBe('{}');
    expect(() => decoder.next()).toThrow(FrameError);
    decoder.push(frameOf(Buffer.from('{}')));
    expect(() => decoder.next()).toThrow(expect.objectContaining({ reason: 'empty_frame' }));
    expect(() => decoder.end()).toThrow(expect.objectContaining({ reason: 'empty_frame' }));
    expect(decoder.pending).toBe(false);
  });

  it('[PRO-8] knows when a frame is pending, and calls its end truncated', () => {
    const frame = frameOf(Buffer.from('{}'));
    for (let length = 1; length < frame.length; length++) {
      const decoder = new FrameDecoder();
      expect(decoder.pending).toBe(false);
      decoder.push(frame.subarray(0, length));
      expect(decoder.next()).toBeUndefined();
      expect(decoder.pending).toBe(true);
      expect(() => decoder.end()).toThrow(expect.objectContaining({ reason: 'truncated' }));
    }
  });

  it('[PRO-8] takes memory only for bytes that have arrived', () => {
    const decoder = new FrameDecoder();
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(header(MAX_FRAME_BYTES));
    expect(decoder.next()).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MAX_FRAME_BYTES / 4);
  });
});

describe('encodeFrame', () => {
  it('[PRO-1] writes what the decoder reads', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: anyCharacter(fc) })), (message) => {
        const decoder = new FrameDecoder();
        decoder.push(encodeFrame(message));
        expect(decoder.next()?.toString()).toBe(JSON.stringify(message));
        expect(decoder.pending).toBe(false);
      }),
    );
  });

  it('[PRO-8] counts bytes, and refuses a message over the limit', () => {
    const message = { text: 'žž' };
    expect(encodeFrame(message, { maxFrameBytes: 15 }).readUInt32BE()).toBe(15);
    expect(() => encodeFrame(message, { maxFrameBytes: 14 })).toThrow(
      expect.objectContaining({ name: 'FrameError', reason: 'frame_too_large' }),
    );
  });
});
