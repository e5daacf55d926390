import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../common';
import type { Configuration } from '../config';

/**
 * Listens where the settings say. Resolves with the address, `http://127.0.0.1:3000`.
 * @throws Error that says what to do; nobody has logged it
 */
export async function listen(server: Server, { host, port }: Pick<Configuration, 'host' | 'port'>): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(new Error(reasonOf(error, host, port), { cause: error }));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${String(address.port)}`;
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  const code = error.code ?? '';
  switch (code) {
    case 'EADDRINUSE':
      return `port ${String(port)} of ${host} is in use (${code}): end the program that listens there, or set TORU_PORT to another one`;
    case 'EACCES':
      return `this user may not listen on port ${String(port)} (${code}): set TORU_PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `TORU_HOST ${host} is no address of this machine (${code})`;
    default:
      return errorMessage(error);
  }
}
