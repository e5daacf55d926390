import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens at the socket in `BENCH_SOCKET`, else at any free port, and prints the port, 0 for a socket, once it does. */
export function listen(server: Server): void {
  const socket = process.env['BENCH_SOCKET'];
  const told = (): void => {
    process.stdout.write(`${socket === undefined ? (server.address() as AddressInfo).port : 0}\n`);
  };
  if (socket === undefined) server.listen(0, '127.0.0.1', told);
  else server.listen(socket, told);
}

/** The socket of the server behind a proxy. */
export function upstreamSocket(): string {
  const socket = process.env['BENCH_UPSTREAM'];
  if (socket === undefined) throw new Error('BENCH_UPSTREAM must name a socket');
  return socket;
}
