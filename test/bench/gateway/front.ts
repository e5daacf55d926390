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
export function bareServer(): Promise<Front> {
  return direct('http-server');
}

/** An echo on the package `ws`, asked directly. */
export function directWebSockets(): Promise<Front> {
  return direct('websocket-server');
}

async function direct(program: string): Promise<Front> {
  const server = await Program.start(program);
  return {
    url: (path) => `http://127.0.0.1:${server.port}/bench${path}`,
    ...{ headers: SAME_SIZE, pid: server.pid, stop: () => server.stop() },
  };
}

export function nginxProxy(): Promise<Front> {
  return proxy('http-server', nginx);
}

export function nginxWebSockets(): Promise<Front> {
  return proxy('websocket-server', nginx);
}

async function nginx(socket: string, directory: string): ReturnType<StartProxy> {
  const { port, worker, stop } = await startNginx(directory, socket);
  return { port, pid: worker, stop };
}

/** One of the proxies in `programs/`. */
export function nodeProxy(name: string): Promise<Front> {
  return proxy('http-server', (socket) => Program.start(name, { BENCH_UPSTREAM: socket }));
}

/** What follows its start; where it fails, the front is stopped, as nobody else does it then. */
export async function orStop<T>(front: Front, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await front.stop();
    throw error;
  }
}

type StartProxy = (socket: string, directory: string) => Promise<Pick<Program, 'pid' | 'port' | 'stop'>>;

/** A proxy in front of a server that listens at a Unix socket. */
async function proxy(program: string, start: StartProxy): Promise<Front> {
  const directory = mkdtempSync('/tmp/toru-bench-');
  const socket = path.join(directory, 's');
  const server = await Program.start(program, { BENCH_SOCKET: socket });
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
