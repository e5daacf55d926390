import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Envelope, HttpRequestV1, InitV1, JsonObject, KvAction } from '@toru/contracts';
import { FrameDecoder } from './frame-decoder';
import { encodeFrame } from './frame-encoder';
import { decodeHttpResponse, encodeHttpRequest } from './http-v1';
import { decodeKvAnswer, decodeKvRequest, encodeKvRequest, isKvRequest } from './kv-v1';
import { encodeInit, encodeShutdown } from './lifecycle-v1';
import { decodeMessage } from './messages-v1';
import type { MessageV1 } from './messages-v1';

interface Vector {
  direction: 'host-to-plugin' | 'plugin-to-host';
  message: Envelope & { payload: JsonObject };
  decodes_to?: JsonObject;
}

const folder = new URL('../../contracts/vectors/v1/', import.meta.url);
const vectors = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector] as const);
const toPlugin = vectors.filter(([, vector]) => vector.direction === 'host-to-plugin');
const toHost = vectors.filter(([, vector]) => vector.direction === 'plugin-to-host');

/** Builds the message again from what it says. */
function encodeAgain({ type, action, timestamp, request_id: id = '', payload }: Vector['message']): Envelope {
  if (type === 'lifecycle') {
    return action === 'init' ? encodeInit(payload as unknown as InitV1, timestamp) : encodeShutdown(timestamp);
  }
  if (type === 'http') return encodeHttpRequest(id, payload.payload as unknown as HttpRequestV1, timestamp);
  const kv = payload.payload as { action: KvAction; key: string; value?: string };
  return encodeKvRequest(id, kv, timestamp);
}

function decodeAny(name: string, message: MessageV1): unknown {
  if (name.startsWith('plugin-kv-request')) {
    expect(isKvRequest(message)).toBe(true);
    return decodeKvRequest(message);
  }
  if (name.startsWith('plugin-kv-answer')) {
    expect(isKvRequest(message)).toBe(false);
    return decodeKvAnswer(message);
  }
  const { status, headers, body } = decodeHttpResponse(message);
  return { status, headers: Object.fromEntries(headers), body };
}

function receive(message: object, chunkBytes: number): MessageV1 {
  const frame = encodeFrame(message);
  const decoder = new FrameDecoder();
  for (let at = 0; at < frame.length; at += chunkBytes) decoder.push(frame.subarray(at, at + chunkBytes));
  return decodeMessage(decoder.next() as Buffer);
}

describe('vectors of version 1', () => {
  it('[PRO-6] covers both directions', () => {
    expect(toPlugin.length).toBeGreaterThanOrEqual(6);
    expect(toHost.length).toBeGreaterThanOrEqual(11);
    expect(toPlugin.length + toHost.length).toBe(vectors.length);
  });

  it.each(toPlugin)('[PRO-1] [PRO-2] [PRO-3] [PRO-6] [KV-8] sends %s', (_name, { message }) => {
    expect(encodeAgain(message)).toStrictEqual(message);
  });

  it.each(toHost)('[PRO-3] [PRO-6] [KV-8] reads %s', (name, { message, decodes_to }) => {
    for (const chunkBytes of [1, 7, 100_000]) {
      const received = receive(message, chunkBytes);
      expect(received.requestId).toBe(message.request_id);
      expect(decodeAny(name, received)).toStrictEqual(decodes_to);
    }
  });

  it.each(toHost)('[PRO-6] reads %s with unknown fields at every level and written with spaces', (name, vector) => {
    const message = addUnknown(vector.message);
    const received = decodeMessage(Buffer.from(JSON.stringify(message, null, 2)));
    expect(decodeAny(name, received)).toStrictEqual(vector.decodes_to);
  });
});

/** Adds a field of no meaning to the envelope and its payloads; headers and bodies stay as they are. */
function addUnknown(record: object): object {
  const copy: Record<string, unknown> = { 'x-unknown': { deep: [1, null] } };
  for (const [name, value] of Object.entries(record)) {
    copy[name] = name === 'payload' ? addUnknown(value as object) : value;
  }
  return copy;
}
