import fc from 'fast-check';
import { anyCharacter } from '@toru/testing';
import { clientFrame, type ClientFrame } from '../testing/client-frame';
import { encodeClose, encodeMessage } from './frame-encoder';
import { readFrameHeader } from './frame-header';
import { MessageDecoder, type Incoming } from './message-decoder';
import { WebSocketError } from './websocket-error';

const MAX_BYTES = 200_000;
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

interface Decoded {
  readonly incoming: readonly unknown[];
  readonly code: number | undefined;
}

/** What a decoder makes of the chunks, and the close code that it ended with. Throws whatever else is thrown. */
function decode(chunks: Iterable<Uint8Array>, maxBytes = MAX_BYTES): Decoded {
  const decoder = new MessageDecoder(maxBytes);
  const incoming: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let next = decoder.next(); next; next = decoder.next()) incoming.push(comparable(next));
    }
    return { incoming, code: undefined };
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { incoming, code: error.code };
  }
}

function comparable(incoming: Incoming): unknown {
  if (incoming.kind === 'message' && typeof incoming.data === 'string') return incoming;
  if (incoming.kind === 'message') return { kind: 'binary', data: Buffer.from(incoming.data).toString('hex') };
  return incoming.kind === 'close' ? incoming : { ...incoming, payload: Buffer.from(incoming.payload).toString() };
}

function* chunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const frames = (...list: ClientFrame[]): Buffer => Buffer.concat(list.map(clientFrame));
const decodeFrames = (...list: ClientFrame[]): Decoded => decode([frames(...list)]);

const conversation = frames(
  { opcode: TEXT, payload: 'žluť' },
  { opcode: BINARY, payload: Buffer.alloc(300, 7) },
  { opcode: TEXT, payload: Buffer.from('ž').subarray(0, 1), final: false },
  { opcode: PING, payload: 'between' },
  { opcode: CONTINUATION, payload: '', final: false },
  { opcode: CONTINUATION, payload: Buffer.from('ž').subarray(1) },
  { opcode: PONG },
  { opcode: BINARY },
  { opcode: CLOSE, payload: Buffer.from([0x0f, 0xa0, ...Buffer.from('bye')]) },
);

describe('the decoder of WebSocket messages', () => {
  it('[RTE-6] joins fragments, with control frames between them', () => {
    expect(decode([conversation])).toEqual({
      incoming: [
        { kind: 'message', data: 'žluť' },
        { kind: 'binary', data: '07'.repeat(300) },
        { kind: 'ping', payload: 'between' },
        { kind: 'message', data: 'ž' },
        { kind: 'pong', payload: '' },
        { kind: 'binary', data: '' },
        { kind: 'close', code: 4000, reason: 'bye' },
      ],
      code: undefined,
    });
  });

  it('[RTE-6] gives the same wherever the bytes are split', () => {
    const whole = decode([conversation]);
    for (let at = 0; at <= conversation.length; at++) {
      expect(decode([conversation.subarray(0, at), conversation.subarray(at)])).toEqual(whole);
    }
    expect(decode(chunksOf(conversation, 1))).toEqual(whole);
  });

  it.each<[string, number, ClientFrame[]]>([
    ['a frame without a mask', 1002, [{ opcode: TEXT, payload: 'a', mask: null }]],
    ['a reserved bit', 1002, [{ opcode: TEXT, payload: 'a', reserved: 4 }]],
    ['an opcode that does not exist', 1002, [{ opcode: 3 }]],
    ['a control opcode that does not exist', 1002, [{ opcode: 11 }]],
    ['a control frame in fragments', 1002, [{ opcode: PING, final: false }]],
    ['a control frame that is too long', 1002, [{ opcode: PING, payload: 'x'.repeat(126) }]],
    ['a length of two bytes without need', 1002, [{ opcode: TEXT, payload: 'a', lengthBytes: 2 }]],
    ['a length of eight bytes without need', 1002, [{ opcode: TEXT, payload: 'x'.repeat(300), lengthBytes: 8 }]],
    ['a fragment of nothing', 1002, [{ opcode: CONTINUATION, payload: 'a' }]],
    [
      'a message inside of another one',
      1002,
      [
        { opcode: TEXT, payload: 'a', final: false },
        { opcode: TEXT, payload: 'b' },
      ],
    ],
    ['half a close code', 1002, [{ opcode: CLOSE, payload: 'a' }]],
    ['a close code that never travels', 1002, [{ opcode: CLOSE, payload: Buffer.from([0x03, 0xee]) }]],
    ['text that is not UTF-8', 1007, [{ opcode: TEXT, payload: Buffer.from([0xc0, 0xaf]) }]],
    ['text that ends within a character', 1007, [{ opcode: TEXT, payload: Buffer.from('ž').subarray(0, 1) }]],
    ['half of a surrogate pair', 1007, [{ opcode: TEXT, payload: Buffer.from([0xed, 0xa0, 0x80]) }]],
    ['a reason that is not UTF-8', 1007, [{ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8, 0xff]) }]],
    ['a message over the limit', 1009, [{ opcode: BINARY, payload: '', length: MAX_BYTES + 1 }]],
    [
      'fragments over the limit together',
      1009,
      [
        { opcode: BINARY, payload: Buffer.alloc(MAX_BYTES), final: false },
        { opcode: CONTINUATION, payload: 'a' },
      ],
    ],
    ['a length that no number has', 1009, [{ opcode: BINARY, length: 2 ** 62 }]],
  ])('[RTE-6] [PRO-8] refuses %s with %i', (_what, code, list) => {
    const bytes = frames(...list);

    expect(decode([bytes])).toEqual({ incoming: [], code });
    expect(decode(chunksOf(bytes, bytes.length > 1000 ? 977 : 1))).toEqual({ incoming: [], code });
  });

  it('[RTE-6] [PRO-8] takes what is exactly at the limits', () => {
    const { incoming } = decodeFrames(
      { opcode: BINARY, payload: Buffer.alloc(MAX_BYTES) },
      { opcode: PING, payload: 'x'.repeat(125) },
    );

    expect(incoming).toHaveLength(2);
  });

  it.each([0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn])('[PRO-8] refuses a length of 64 bits: %s', (length) => {
    const header = Buffer.alloc(14, 0);
    header.set([0x82, 0xff]);
    header.writeBigUInt64BE(length, 2);

    expect(decode([header])).toEqual({ incoming: [], code: 1002 });
  });

  it('[RTE-6] property: gives back any messages, in any fragments, in any chunks', () => {
    const message = fc.oneof(fc.string({ unit: anyCharacter(fc), maxLength: 200 }), fc.uint8Array({ maxLength: 200 }));
    const cuts = fc.array(fc.nat(400), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(message, cuts), { maxLength: 5 }), cuts, (messages, chunkCuts) => {
        const sent = messages.map(([data, at]) => fragments(data, at));
        const expected = messages.map(([data]) =>
          comparable({ kind: 'message', data: typeof data === 'string' ? Buffer.from(data).toString() : data }),
        );

        expect(decode(cut(Buffer.concat(sent), chunkCuts)).incoming).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('[RTE-6] [PRO-8] property: any bytes end in messages or in a close code, the same however they are split', () => {
    const frame = fc
      .record({
        opcode: fc.constantFrom(0, 1, 2, 2, 8, 9, 10, 3),
        payload: fc.uint8Array({ maxLength: 20 }),
        final: fc.boolean(),
      })
      .map((given) => clientFrame(given));
    const bytes = fc.array(fc.oneof({ weight: 5, arbitrary: frame }, fc.uint8Array({ maxLength: 20 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(150), { maxLength: 5 }), (parts, cuts) => {
        const all = Buffer.concat(parts);
        const whole = decode([all], 50);

        expect(decode(cut(all, cuts), 50)).toEqual(whole);
        expect(decode(chunksOf(all, 1), 50)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it.each([0, 1, 125, 126, 16_384, 16_385, 65_535, 65_536])(
    '[RTE-6] gives a message of %i bytes alike, in one chunk and in two, with a next one behind it',
    (length) => {
      const [ascii, other] = ['a'.repeat(length), 'é'.repeat(length >> 1)];
      const all = frames(
        { opcode: TEXT, payload: ascii },
        { opcode: TEXT, payload: other },
        { opcode: BINARY, payload: other },
        { opcode: TEXT, payload: Buffer.alloc(length, 0xff) },
      );
      const expected = {
        incoming: [
          { kind: 'message', data: ascii },
          { kind: 'message', data: other },
          { kind: 'binary', data: Buffer.from(other).toString('hex') },
          ...(length === 0 ? [{ kind: 'message', data: '' }] : []),
        ],
        code: length === 0 ? undefined : 1007,
      };
      expect(decode([all])).toEqual(expected);
      expect(decode(cut(all, [3]))).toEqual(expected);
    },
  );

  it('[RTE-6] [PRO-8] takes no memory for what was only announced', () => {
    const decoder = new MessageDecoder(2 ** 40);
    decoder.push(clientFrame({ opcode: BINARY, length: 2 ** 39, payload: 'few' }));

    // An allocation of that size would throw.
    expect(decoder.next()).toBeUndefined();
  });
});

describe('the encoder of WebSocket frames', () => {
  it.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ])('[RTE-6] writes the length of %i bytes as short as it can be, without a mask', (length, headerBytes) => {
    const frame = encodeMessage(Buffer.alloc(length, 1));

    expect(frame.length).toBe(headerBytes + length);
    expect(frame[1]! & 0x80).toBe(0);
    // The same header with a mask is one that a client could have sent.
    const header = Buffer.concat([frame.subarray(0, headerBytes), Buffer.alloc(4)]);
    header[1]! |= 0x80;
    expect(readFrameHeader(header)).toMatchObject({ length, final: true, opcode: BINARY });
  });

  it('[RTE-6] cuts a long reason between two characters', () => {
    const frame = encodeClose(1000, 'ž'.repeat(100));

    expect(frame.length).toBe(2 + 2 + 122);
    expect(frame.subarray(4).toString()).toBe('ž'.repeat(61));
    expect([...encodeClose(1005, 'no code, no reason')]).toEqual([0x88, 0]);
  });
});

function fragments(data: string | Uint8Array, at: readonly number[]): Buffer {
  const parts = [...cut(Buffer.from(data as Uint8Array), at)];
  if (parts.length === 0) parts.push(Buffer.alloc(0));
  return Buffer.concat(
    parts.map((payload, index) => {
      const first = typeof data === 'string' ? TEXT : BINARY;
      return clientFrame({
        opcode: index === 0 ? first : CONTINUATION,
        payload,
        final: index === parts.length - 1,
      });
    }),
  );
}

function* cut(bytes: Buffer, at: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const to of [...at].sort((a, b) => a - b)) {
    yield bytes.subarray(from, to);
    from = Math.min(Math.max(from, to), bytes.length);
  }
  yield bytes.subarray(from);
}
