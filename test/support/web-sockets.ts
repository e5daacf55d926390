import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import type { TestHost } from './host';

/** How a WebSocket ended. */
export interface Closed {
  readonly code: number;
}

/** A client of a plugin's WebSocket, with exactly the headers that are given beside the handshake's own. */
export class LiveSocket {
  readonly client: WebSocket;
  readonly closed: Promise<Closed>;
  private readonly messages: { readonly data: RawData; readonly binary: boolean }[] = [];
  private wake: () => void = () => undefined;

  constructor(host: TestHost, path: string, headers: Readonly<Record<string, string>>, options: ClientOptions = {}) {
    this.client = new WebSocket(new URL(path, host.url.replace('http', 'ws')), {
      ...{ headers: { ...headers }, maxPayload: 64 * 1024 * 1024, perMessageDeflate: false },
      ...options,
    });
    this.client.on('error', () => undefined);
    this.client.on('message', (data, binary) => {
      this.messages.push({ data, binary });
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.client.on('close', (code) => {
        resolve({ code });
        this.wake();
      });
    });
  }

  /** Rejects with the status of an answer that is no 101. */
  async opened(): Promise<this> {
    await Promise.race([
      once(this.client, 'open'),
      once(this.client, 'unexpected-response').then(([, answer]) => {
        (answer as IncomingMessage).resume();
        throw new Error(`answered ${(answer as IncomingMessage).statusCode}`);
      }),
    ]);
    return this;
  }

  /** The next message. */
  async next(): Promise<{ readonly data: Buffer; readonly binary: boolean }> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return { data: message.data as Buffer, binary: message.binary };
      if (this.client.readyState === WebSocket.CLOSED) throw new Error('The WebSocket is closed.');
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  async ask(message: string): Promise<unknown> {
    this.client.send(message);
    return JSON.parse((await this.next()).data.toString());
  }
}
