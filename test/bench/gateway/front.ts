import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startNginx } from './nginx';
import { Program } from './program';
import type { CredentialHeaders } from './wrk';

/** What clients talk to, and what is behind it. */
export interface Front {
  /** Of a path of the plugin: `/json`. */
  url(path: string): string;
  readonly headers: CredentialHeaders;
  /** The process whose processor time is told for each request. */
  readonly pid: number;
  /** The plugin, or the server behind the proxy. */
  readonly behind?: number;
  stop(): Promise<void>;
}

/** As long as the session's cookie: all peers read requests of one size. */
export const SAME_SIZE: CredentialHeaders = { cookie: `toru_session=${'x'.repeat(43)}` };

/** The handlers on `node:http`, asked directly. */
export async function bareServer(): Promise<Front> {
  const server = await Program.start('http-server');
  return {
    url: (path) => `http://127.0.0.1:${server.port}/bench${path}`,
    ...{ headers: SAME_SIZE, pid: server.pid, stop: () => server.stop() },
  };
}

export function nginxProxy(): Promise<Front> {
  return proxy(async (socket, directory) => {
    const nginx = await startNginx(directory, socket);
    return { port: nginx.port, pid: nginx.worker, stop: () => nginx.stop() };
  });
}

/** One of the proxies in `programs/`. */
export function nodeProxy(name: string): Promise<Front> {
  return proxy((socket) => Program.start(name, { BENCH_UPSTREAM: socket }));
}

type StartProxy = (socket: string, directory: string) => Promise<Pick<Program, 'pid' | 'port' | 'stop'>>;

/** A proxy in front of the handlers on `node:http`, which listen at a Unix socket. */
async function proxy(start: StartProxy): Promise<Front> {
  const directory = mkdtempSync('/tmp/toru-bench-');
  const socket = path.join(directory, 's');
  const server = await Program.start('http-server', { BENCH_SOCKET: socket });
  const stopServer = async (): Promise<void> => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const inFront = await start(socket, directory);
    return {
      url: (path) => `http://127.0.0.1:${inFront.port}/plugins/bench${path}`,
      ...{ headers: SAME_SIZE, pid: inFront.pid, behind: server.pid },
      async stop() {
        await inFront.stop();
        await stopServer();
      },
    };
  } catch (error) {
    await stopServer();
    throw error;
  }
}
