import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FrameError } from '../frame-error';
import { ProtocolError } from '../protocol-error';
import { encodeFrameV2 } from './frame-batch';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { decodeMessageV2, requestIdOf } from './message-v2';

interface Vector {
  readonly direction: 'host-to-plugin' | 'plugin-to-host' | 'both';
  readonly message: object;
  readonly tail?: string;
  readonly frame: string;
}

interface Refused {
  readonly layer: 'frame' | 'message' | 'connection';
  readonly ready: boolean;
  readonly frames: string;
  readonly reason: string;
}

const folder = new URL('../../../contracts/vectors/v2/', import.meta.url);

function read<T>(directory: URL): (readonly [string, T])[] {
  return readdirSync(fileURLToPath(directory))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as T] as const);
}

const vectors = read<Vector>(folder);
const refused = read<Refused>(new URL('refused/', folder)).filter(([, { layer }]) => layer !== 'connection');

/** All messages and tails in these bytes, and the reason that ended them, where they arrive in chunks of this size. */
function receive(bytes: Buffer, chunkBytes: number, ready = true) {
  const decoder = new FrameDecoderV2();
  if (ready) decoder.acceptTails();
  const received: unknown[] = [];
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      decoder.push(bytes.subarray(at, at + chunkBytes));
      for (let head = decoder.next(); head; head = decoder.next()) {
        const message = decodeMessageV2(head);
        if (message.type === 'ping') requestIdOf(message);
        received.push({ message: message.envelope, tail: decoder.tail?.toString('base64') });
      }
    }
    decoder.end();
    return { received, reason: undefined };
  } catch (error) {
    if (!(error instanceof FrameError) && !(error instanceof ProtocolError)) throw error;
    return { received, reason: error.reason };
  }
}

describe('vectors of version 2', () => {
  it('[PRO-6] covers every message in every direction it has', () => {
    const kinds = new Set(
      vectors.map(([, { direction, message }]) => {
        const { type, action } = message as { type: string; action?: string };
        return [direction, type, action].filter(Boolean).join(' ');
      }),
    );
    expect([...kinds].sort()).toEqual([
      'both cancel',
      'both greeting',
      'both kv',
      'both ping',
      'both pong',
      'host-to-plugin data',
      'host-to-plugin http',
      'host-to-plugin kv',
      'host-to-plugin lifecycle init',
      'host-to-plugin lifecycle settings',
      'host-to-plugin lifecycle shutdown',
      'host-to-plugin upgrade',
      'plugin-to-host data',
      'plugin-to-host event',
      'plugin-to-host http',
      'plugin-to-host kv',
      'plugin-to-host lifecycle failed',
      'plugin-to-host lifecycle ready',
      'plugin-to-host log',
    ]);
  });

  it.each(vectors)('[PRO-6] [PRO-7] reads %s', (_name, { message, tail, frame }) => {
    for (const chunkBytes of [1, 7, 100_000]) {
      expect(receive(Buffer.from(frame, 'hex'), chunkBytes)).toStrictEqual({
        received: [{ message, tail }],
        reason: undefined,
      });
    }
  });

  // A tail of no bytes is read, but not written.
  it.each(vectors.filter(([, { tail }]) => tail !== ''))('[PRO-6] [PRO-7] writes %s', (_name, vector) => {
    const { message, tail, frame } = vector;
    const bytes = encodeFrameV2(message, tail === undefined ? undefined : Buffer.from(tail, 'base64'));
    expect(Buffer.concat(bytes).toString('hex')).toBe(frame);
  });

  it('[PRO-6] [PRO-7] reads all of them joined', () => {
    const stream = Buffer.concat(vectors.map(([, { frame }]) => Buffer.from(frame, 'hex')));
    for (const chunkBytes of [1, 3, 977, 100_000]) {
      expect(receive(stream, chunkBytes)).toStrictEqual({
        received: vectors.map(([, { message, tail }]) => ({ message, tail })),
        reason: undefined,
      });
    }
  });

  it.each(refused)('[PRO-8] refuses %s', (_name, { frames, reason, ready }) => {
    for (const chunkBytes of [1, 5, 100_000]) {
      expect(receive(Buffer.from(frames, 'hex'), chunkBytes, ready).reason).toBe(reason);
    }
  });
});
