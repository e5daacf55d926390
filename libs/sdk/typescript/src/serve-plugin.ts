import { createServer, type Socket } from 'node:net';
import type { PluginDefinition } from './plugin-definition';
import { PluginSession } from './plugin-session';

/** A host that starts a plugin and never greets it is gone; in milliseconds. */
const NO_INIT_MS = 60_000;
/** For a stop that nobody gave a grace to, in milliseconds. */
const STOP_GRACE_MS = 5_000;

export interface ServeOptions {
  /** Stops the plugin as `shutdown` does. */
  readonly signal?: AbortSignal;
}

/**
 * Listens on the socket and serves the one host that greets. Resolves with the status that the process is to end with: 0
 * after a shutdown, 78 where starting again is of no use, else 1. Rejects where it cannot listen.
 */
export async function servePlugin(
  definition: PluginDefinition,
  socketPath: string,
  { signal }: ServeOptions = {},
): Promise<number> {
  const sessions = new Set<PluginSession>();
  let serving: PluginSession | undefined;
  let finish: (status: number) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const finished = new Promise<number>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });

  const accept = async (socket: Socket): Promise<void> => {
    const session = new PluginSession(definition, socket);
    sessions.add(session);
    const init = await session.greeted();
    sessions.delete(session);
    if (init === undefined) return;
    if (serving) {
      session.close();
      return;
    }
    serving = session;
    clearTimeout(noInit);
    for (const other of sessions) other.close();
    finish(await session.serve(init));
  };
  const stop = (): void => {
    if (serving) void serving.stop(STOP_GRACE_MS);
    else finish(0);
  };

  const noInit = setTimeout(() => finish(1), NO_INIT_MS);
  const server = createServer((socket) => {
    if (serving) socket.destroy();
    else void accept(socket);
  });
  server.on('error', fail);
  server.listen(socketPath);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await finished;
  } finally {
    signal?.removeEventListener('abort', stop);
    clearTimeout(noInit);
    for (const session of sessions) session.close();
    server.close();
  }
}
