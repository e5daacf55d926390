import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ReceiveStream, type SendStream } from '@toru/protocol';
import { WebSocket, type ClientOptions } from 'ws';
import type { HostSide } from './host-side';

/** An HTTP server that does with upgrades what a host does, and nothing else (protocol v2 §10). */
export class WebSocketGateway {
  readonly #sockets = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly socketPath: string,
  ) {}

  static async start(host: HostSide): Promise<WebSocketGateway> {
    const socketPath = `${host.socketPath}.ws`;
    const server = createServer();
    const gateway = new WebSocketGateway(server, socketPath);
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      gateway.#sockets.add(socket);
      socket.on('error', () => undefined);
      void forward(host, request, socket, head);
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return gateway;
  }

  /** A client; its errors are told by its `close` or by `unexpected-response`. */
  connect(path: string, protocols: string[] = [], options: ClientOptions = {}): WebSocket {
    const client = new WebSocket(`ws+unix:${this.socketPath}:${path}`, protocols, options);
    client.on('error', () => undefined);
    return client;
  }

  /** As if every client had lost its network. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

async function forward(host: HostSide, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const { method = '', url = '', headers } = request;
  let accepted: (stream: SendStream) => void = () => undefined;
  const toPlugin = new Promise<SendStream>((resolve) => (accepted = resolve));
  const answer = await host.connection.upgrade(
    {
      ...{ method, path: url, base: '', user: null, remote: '192.0.2.7' },
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >,
    },
    { body: (stream) => accepted(stream) },
  );
  const lines = [...answer.headers].map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  socket.write(`HTTP/1.1 ${answer.status} Answer\r\n${lines}\r\n`);
  if (answer.status !== 101 || !(answer.body instanceof ReceiveStream)) {
    socket.end();
    return;
  }
  if (head.length > 0) socket.unshift(head);
  void sendAll(socket, await toPlugin);
  try {
    for await (const chunk of answer.body) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      if (socket.destroyed) break;
    }
    socket.end();
  } catch {
    socket.destroy();
  }
}

async function sendAll(socket: Duplex, stream: SendStream): Promise<void> {
  stream.onClose((error) => error && socket.destroy());
  try {
    for await (const chunk of socket) await stream.write(chunk as Buffer);
    stream.end();
  } catch {
    stream.abort({ code: 'client_left', message: 'The client has left' });
  }
}
