import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acceptInit,
  awaitInit,
  PeerConnection,
  type IncomingRequest,
  type OutgoingResponse,
  type ReceiveStream,
} from '@toru/protocol';
import { MessageHandlers } from '../../protocol/message-handlers';
import { V2Channel } from '../../protocol/v2-channel';

const INIT = {
  ...{ plugin_id: 'acme', instance_id: 'i', plugin_socket: 's', log_path: 'l', data_dir: 'd' },
  ...{ settings: {}, license_key: null },
};

export type Handler = (request: IncomingRequest) => OutgoingResponse | Promise<OutgoingResponse>;

/** A version 2 plugin inside this process, behind a real socket and the host's own channel. */
export class StreamingPlugin {
  readonly received: IncomingRequest[] = [];
  handler: Handler = () => ({ status: 404, headers: {} });
  private readonly directory = mkdtempSync(join(tmpdir(), 'toru-'));
  private readonly server: Server = createServer((socket) => {
    this.serve(socket);
  });
  private connection: PeerConnection | undefined;
  readonly channel: V2Channel;

  constructor(
    private readonly features: readonly string[] = ['stream', 'upgrade'],
    maxSockets = 1000,
    places = { concurrency: 256, queue: 256, queueMs: 20_000 },
  ) {
    this.channel = new V2Channel({
      pluginId: 'acme',
      socketPath: join(this.directory, 's'),
      handlers: new MessageHandlers(),
      observer: { lost: () => undefined, protocolError: () => undefined, answered: () => undefined },
      ...{ readyTimeoutMs: 20_000, pingTimeoutMs: 5_000, shutdownGraceMs: 0, maxSockets, places },
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(join(this.directory, 's'), resolve));
    await this.channel.init(INIT);
  }

  /** As when its process ends. */
  async crash(): Promise<void> {
    await this.connection?.close();
  }

  async stop(): Promise<void> {
    this.channel.close();
    await this.crash();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private serve(socket: Socket): void {
    const http: Handler = (request) => {
      this.received.push(request);
      return this.handler(request);
    };
    const connection = new PeerConnection(socket, { role: 'plugin', handlers: { http } });
    this.connection = connection;
    void awaitInit(connection, 20_000).then((init) => {
      acceptInit(connection, init, this.features);
    });
  }
}

/** Reads a streamed body to its end. @returns its length in bytes */
export async function readAll(body: IncomingRequest['body']): Promise<number> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) bytes += chunk.length;
  return bytes;
}

/** Takes every WebSocket and sends back what comes. */
export const echo: Handler = ({ body }) => ({ status: 101, headers: ACCEPTED, body: body as ReceiveStream });

/** What a plugin answers to a handshake, and some headers that it has no say in. */
export const ACCEPTED = {
  'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'sec-websocket-protocol': 'chat',
  'x-own': 'yes',
  'set-cookie': 'toru_session=evil',
  'clear-site-data': '"*"',
  connection: 'x-hop',
  upgrade: 'evil',
  'x-hop': 'evil',
  'access-control-allow-origin': '*',
};
