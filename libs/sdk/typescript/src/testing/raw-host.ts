import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURES_V2 } from '@toru/contracts';
import { encodeFrameV2, FrameDecoderV2 } from '@toru/protocol';
import type { PluginDefinition } from '../plugin-definition';
import { servePlugin, type ServeOptions } from '../serve-plugin';

export interface RawMessage {
  readonly type: string;
  readonly action?: string;
  readonly request_id?: string;
  readonly payload?: Record<string, unknown>;
  readonly tail?: Buffer;
}

export const INIT = {
  protocol: 2,
  features: FEATURES_V2,
  plugin_id: 'acme',
  instance_id: 'instance-1',
  plugin_socket: '',
  log_path: '',
  data_dir: '/nowhere',
  settings: {},
  license_key: null,
  limits: { max_frame: 16_777_216, window: 262_144 },
};

const METADATA = { id: 'acme', name: 'Acme', version: '1.0.0', icon: 'A', route: '/acme' };

/** A plugin in this process, and a host that is written by hand: it sends what it is told, and keeps what arrives. */
export class RawHost {
  readonly received: RawMessage[] = [];
  readonly #decoder = new FrameDecoderV2();
  #waiting: (() => void)[] = [];

  private constructor(
    readonly socket: Socket,
    /** The status that the plugin's process would end with. */
    readonly exitStatus: Promise<number>,
  ) {
    this.#decoder.acceptTails();
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake());
    socket.on('data', (chunk: Buffer) => {
      this.#decoder.push(chunk);
      for (let head = this.#decoder.next(); head; head = this.#decoder.next()) {
        const { tail } = this.#decoder;
        this.received.push({
          ...(JSON.parse(head.toString()) as RawMessage),
          ...(tail && { tail: Buffer.from(tail) }),
        });
      }
      this.#wake();
    });
  }

  /** Connected, and nothing said yet. */
  static connect(definition: Omit<PluginDefinition, 'metadata'>, options?: ServeOptions): Promise<RawHost> {
    const directory = mkdtempSync(join(tmpdir(), 'toru-'));
    const socketPath = join(directory, 's');
    const exitStatus = servePlugin({ ...definition, metadata: METADATA }, socketPath, options).finally(() =>
      rmSync(directory, { recursive: true, force: true }),
    );
    const socket = connect(socketPath);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RawHost(socket, exitStatus)));
    });
  }

  /** After `ready`. */
  static async ready(definition: Omit<PluginDefinition, 'metadata'>, init: object = {}): Promise<RawHost> {
    const host = await RawHost.connect(definition);
    host.init(init);
    await host.message(({ action }) => action === 'ready');
    return host;
  }

  init(fields: object = {}): void {
    this.send({ type: 'lifecycle', action: 'init', timestamp: '', payload: { ...INIT, ...fields } });
  }

  send(message: object, tail?: Uint8Array): void {
    this.bytes(Buffer.concat(encodeFrameV2(message, tail)));
  }

  /** False where the plugin does not read as fast. */
  bytes(bytes: Uint8Array): boolean {
    return this.socket.write(bytes);
  }

  /** The first message of this kind, now or later; rejects where the plugin closes before. */
  async message(test: (message: RawMessage) => boolean): Promise<RawMessage> {
    for (;;) {
      const found = this.received.find(test);
      if (found) return found;
      if (this.socket.closed) throw new Error('The plugin closed the connection');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when the plugin has read everything that was sent before. */
  async ping(id: string): Promise<void> {
    this.send({ type: 'ping', request_id: id });
    await this.message(({ type, request_id }) => type === 'pong' && request_id === id);
  }

  /** The answer to a request, with all of its body. */
  async answer(id: string): Promise<{ status: unknown; headers: unknown; body: Buffer }> {
    const { payload, tail } = await this.message(({ type, request_id }) => type === 'http' && request_id === id);
    const stream = payload?.['stream'];
    let body = tail ?? Buffer.alloc(0);
    if (stream !== undefined) {
      await this.message(({ type, payload: data }) => type === 'data' && data?.['stream'] === stream && !!data['end']);
      const parts = this.received.filter(({ type, payload: data }) => type === 'data' && data?.['stream'] === stream);
      body = Buffer.concat(parts.map((part) => part.tail ?? Buffer.alloc(0)));
    }
    return { status: payload?.['status'], headers: payload?.['headers'], body };
  }

  /** Leaves, and waits for the plugin's end. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.exitStatus;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
