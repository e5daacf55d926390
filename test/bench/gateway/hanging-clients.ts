import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Front } from './front';

const SETTLE_MS = 500;

/** Clients that have asked something and get no answer. */
export class HangingClients {
  private answered = 0;

  private constructor(private readonly sockets: readonly Socket[]) {}

  /** So many ask at once; resolves when all of them have had time to be an exchange in the host. */
  static async start(front: Front, count: number): Promise<HangingClients> {
    const { hostname, port, pathname } = new URL(front.url('/'));
    const request = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${front.headers.cookie ?? ''}\r\n\r\n`;
    const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
    const clients = new HangingClients(sockets);
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.once('data', () => (clients.answered += 1));
      socket.once('end', () => (clients.answered += 1));
      socket.write(request);
    }
    await delay(SETTLE_MS);
    return clients;
  }

  /** They leave. Throws where not all have hung all the time: then it was not this that was measured. */
  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    if (this.answered > 0) throw new Error(`${this.answered} clients of the plugin that hangs have got an answer`);
  }
}
