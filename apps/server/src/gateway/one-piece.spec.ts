import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { endInOnePiece, joinsHeadAndBody } from './one-piece';

describe('a head and a body in one piece', () => {
  it('is what this version of Node can do', () => {
    expect(joinsHeadAndBody()).toBe(true);
  });

  it('[PRO-7] brings every byte, over a connection that goes on, with one write for each', async () => {
    const bodies = [Buffer.from([...Array(256).keys()]), Buffer.alloc(0), Buffer.from('é'), Buffer.alloc(8192, '😀')];
    const writes: number[] = [];
    let connections = 0;
    const server = createServer((request, response) => {
      const body = bodies[Number(request.url?.slice(1))] ?? Buffer.from('none');
      writes.length = 0;
      response.writeHead(200, ['content-length', String(body.length)]);
      endInOnePiece(response, body.toString('latin1'));
    });
    server.on('connection', (socket: Socket) => {
      connections += 1;
      const write = socket._write.bind(socket);
      const writev = socket._writev?.bind(socket);
      socket._write = (...given) => {
        writes.push(1);
        write(...given);
      };
      socket._writev = (chunks, done) => {
        writes.push(chunks.length);
        writev?.(chunks, done);
      };
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    for (const [n, body] of bodies.entries()) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        send({ port, host: '127.0.0.1', path: `/${n}` }, resolve)
          .on('error', reject)
          .end();
      });
      const received: Buffer[] = [];
      for await (const chunk of response) received.push(chunk as Buffer);
      expect(Buffer.concat(received).equals(body)).toBe(true);
      expect(writes).toEqual([1]);
    }
    expect(connections).toBe(1);
    server.close();
    server.closeAllConnections();
  });
});
