import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrameV2 } from '@toru/protocol';
import type { MessageHandlers } from './message-handlers';
import { PluginGreetingError, type ChannelInit } from './plugin-channel';
import { V2Channel } from './v2-channel';

const READY_TIMEOUT_MS = 30_000;
const INIT: ChannelInit = {
  ...{ plugin_id: 'acme', instance_id: 'i', plugin_socket: '', log_path: '', data_dir: '' },
  ...{ settings: {}, license_key: null },
};

const ready = (payload: object): object => ({ type: 'lifecycle', action: 'ready', timestamp: '', payload });
const READY = ready({ protocol: 2, features: [] });

function frame(message: object, tail?: string): Buffer {
  return Buffer.concat(encodeFrameV2(message, tail === undefined ? undefined : Buffer.from(tail)));
}

describe('V2Channel greets a plugin that', () => {
  const dir = mkdtempSync(join(tmpdir(), 'toru-v2-'));
  const socketPath = join(dir, 's');
  const told: string[] = [];
  let server: Server;

  beforeEach(() => {
    told.length = 0;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  /** Resolves with why it is not ready; undefined where it is. `answer` is called when `init` has begun to come. */
  async function greet(answer: (socket: Socket) => void): Promise<unknown> {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        answer(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const channel = new V2Channel({
      ...{ pluginId: 'acme', socketPath, readyTimeoutMs: READY_TIMEOUT_MS, pingTimeoutMs: READY_TIMEOUT_MS },
      ...{ shutdownGraceMs: 0, maxSockets: 1, places: { concurrency: 1, queue: 1, queueMs: 1 } },
      handlers: {} as MessageHandlers,
      observer: {
        lost: (reason) => void told.push(`lost: ${reason}`),
        protocolError: (reason) => void told.push(reason),
        answered: () => undefined,
      },
    });
    try {
      return await channel.init(INIT).then(
        () => undefined,
        (error: unknown) => error,
      );
    } finally {
      channel.close();
    }
  }

  it.each([
    ['says another version', frame(ready({ protocol: 1 })), /protocol.* must be 2/],
    ['sends a tail before ready', frame(READY, 'bytes'), /tail/],
    ['answers what was not asked', frame({ type: 'http', request_id: '1', payload: { status: 200 } }), /request/],
    ['sends no JSON', Buffer.from([0, 0, 0, 3, 1, 2, 3]), /JSON/],
  ])('[PRO-8] %s: that is final, and told of once', async (_, bytes, reason) => {
    const error = await greet((socket) => socket.write(bytes));

    expect(error).toBeInstanceOf(PluginGreetingError);
    expect(told).toEqual([expect.stringMatching(reason)]);
    expect((error as Error).message).toBe(`what it answered to init breaks the protocol: ${told[0]}`);
  });

  it.each([
    ['closes before it has said anything', (socket: Socket) => socket.destroy()],
    ['ends in the midst of a word', (socket: Socket) => socket.end(frame(READY).subarray(0, 9))],
  ])('[LIF-1] %s: it may be tried again', async (_, answer) => {
    const error = await greet(answer);

    expect(error).toMatchObject({ name: 'ConnectionClosedError', reason: 'remote' });
    expect(told).toEqual([]);
  });

  it('[LIF-1] is ready: so it is', async () => {
    expect(await greet((socket) => socket.write(frame(READY)))).toBeUndefined();
    expect(told).toEqual([]);
  });
});
