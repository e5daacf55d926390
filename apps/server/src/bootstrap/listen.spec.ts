import { createServer, type Server } from 'node:http';
import { listen } from './listen';

describe('listen', () => {
  let servers: Server[];
  beforeEach(() => {
    servers = [];
  });
  afterEach(() => {
    for (const server of servers) server.close();
  });

  function listenOn(host: string, port: number): Promise<string> {
    const server = createServer();
    servers.push(server);
    return listen(server, { host, port });
  }

  it('resolves with the address', async () => {
    expect(await listenOn('127.0.0.1', 0)).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });

  it('says what to do where the port is in use, or the address is another machine’s', async () => {
    const port = Number(new URL(await listenOn('127.0.0.1', 0)).port);

    await expect(listenOn('127.0.0.1', port)).rejects.toThrow(
      `port ${String(port)} of 127.0.0.1 is in use (EADDRINUSE): end the program that listens there, or set TORU_PORT`,
    );
    await expect(listenOn('192.0.2.1', 0)).rejects.toThrow('TORU_HOST 192.0.2.1 is no address of this machine');
  });
});
