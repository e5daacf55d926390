import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InitV2 } from '@toru/contracts';
import { encodeFrameV2 } from '../frame-batch';
import { FrameDecoderV2 } from '../frame-decoder-v2';
import { acceptInit, awaitInit, initialise } from '../handshake';
import { PeerConnection } from '../peer-connection';
import type { PeerHandlers, PeerOptions } from '../peer-options';

/** Far more than any test takes: it is not what they wait for. */
export const LONG_MS = 20_000;

export const INIT: InitV2 = {
  protocol: 2,
  features: ['stream', 'upgrade', 'kv', 'log', 'event', 'settings'],
  plugin_id: 'acme',
  instance_id: 'i',
  plugin_socket: 's',
  log_path: 'l',
  data_dir: 'd',
  settings: { colour: 'blue' },
  license_key: null,
  limits: { max_frame: 16_777_216, window: 262_144 },
};

export const HEAD = { method: 'GET', path: '/', base: '', headers: {}, user: null, remote: '192.0.2.7' };

/** The two ends of a connection over a real Unix socket. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const directory = mkdtempSync(join(tmpdir(), 'toru-'));
  const path = join(directory, 's');
  const server = createServer();
  await new Promise<void>((ready) => server.listen(path, ready));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const socket = connect(path);
  const pair: [Socket, Socket] = [socket, await accepted];
  server.close();
  rmSync(directory, { recursive: true, force: true });
  return pair;
}

export interface PeersOptions {
  readonly host?: PeerHandlers;
  readonly plugin?: PeerHandlers;
  readonly init?: InitV2;
  readonly options?: Partial<PeerOptions>;
}

/** Host and plugin after `ready`. */
export async function peers({ host, plugin, init = INIT, options }: PeersOptions = {}) {
  const [hostSocket, pluginSocket] = await socketPair();
  const hostSide = new PeerConnection(hostSocket, { ...options, role: 'host', handlers: host });
  const pluginSide = new PeerConnection(pluginSocket, { ...options, role: 'plugin', handlers: plugin });
  const greeted = awaitInit(pluginSide, LONG_MS).then((given) => acceptInit(pluginSide, given, INIT.features));
  await Promise.all([initialise(hostSide, init, LONG_MS), greeted]);
  return { host: hostSide, plugin: pluginSide, hostSocket, pluginSocket };
}

export interface RawMessage {
  readonly type: string;
  readonly action?: string;
  readonly request_id?: string;
  readonly payload?: Record<string, unknown>;
  readonly tail?: Buffer;
}

/** A side that is written by hand: it sends what it is told, and remembers what arrives. */
export class RawPeer {
  readonly received: RawMessage[] = [];
  readonly #decoder = new FrameDecoderV2();
  #notify: (() => void) | undefined;

  constructor(readonly socket: Socket) {
    this.#decoder.acceptTails();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#decoder.push(chunk);
      for (let head = this.#decoder.next(); head; head = this.#decoder.next()) {
        this.received.push({ ...(JSON.parse(head.toString()) as RawMessage), tail: this.#decoder.tail });
      }
      this.#notify?.();
    });
  }

  send(message: object, tail?: Uint8Array): void {
    this.bytes(Buffer.concat(encodeFrameV2(message, tail)));
  }

  bytes(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Resolves with the first message that is of this kind, now or later. */
  async message(test: (message: RawMessage) => boolean): Promise<RawMessage> {
    for (;;) {
      const found = this.received.find(test);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#notify = resolve));
    }
  }
}

/** One side of ours after `ready`, and a hostile other one. */
export async function against(
  role: 'host' | 'plugin',
  handlers: PeerHandlers = {},
  options: Partial<PeerOptions> = {},
) {
  const [ours, theirs] = await socketPair();
  const raw = new RawPeer(theirs);
  const connection = new PeerConnection(ours, { ...options, role, handlers });
  if (role === 'host') {
    const result = initialise(connection, INIT, LONG_MS);
    raw.send({ type: 'lifecycle', action: 'ready', timestamp: '', payload: { protocol: 2, features: [] } });
    await result;
  } else {
    raw.send({ type: 'lifecycle', action: 'init', timestamp: '', payload: INIT });
    acceptInit(connection, await awaitInit(connection, LONG_MS), []);
  }
  return { connection, raw };
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
