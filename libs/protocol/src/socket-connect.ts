import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { MAX_SOCKET_PATH_BYTES } from '@toru/contracts';
import { ExchangeError } from './exchange-error';
import type { AbortSignalLike } from './abort-signal-like';

export interface ConnectOptions {
  readonly socketPath: string;
  /** Milliseconds until the attempt is given up. */
  readonly connectTimeoutMs: number;
  readonly signal?: AbortSignalLike;
}

/**
 * A connection to the Unix socket of a plugin. Throws `ExchangeError`: `invalid_socket_path`, `connect_failed`,
 * `host_exhausted` or `aborted`. The caller destroys the socket; errors that come after that have a listener and go nowhere.
 */
export function connectSocket({ socketPath, connectTimeoutMs, signal }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    checkSocketPath(socketPath);
    if (signal?.aborted) throw new ExchangeError('aborted', 'The request was given up', { cause: signal.reason });
    const socket = connect({ path: socketPath });
    let look: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // a process that was kept from running hears of its connection only now: that is not the plugin's delay
      look = setImmediate(() =>
        fail(new ExchangeError('connect_failed', `The plugin did not accept within ${connectTimeoutMs} ms`)),
      );
    }, connectTimeoutMs);
    const onAbort = (): void =>
      fail(new ExchangeError('aborted', 'The request was given up', { cause: signal?.reason }));
    const onError = (cause: NodeJS.ErrnoException): void => fail(connectError(cause));
    const onConnect = (): void => {
      cleanUp();
      resolve(socket);
    };

    function cleanUp(): void {
      clearTimeout(timer);
      clearImmediate(look);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('connect', onConnect);
    }
    function fail(error: ExchangeError): void {
      cleanUp();
      socket.destroy();
      reject(error);
    }

    socket.on('error', ignore);
    socket.on('error', onError);
    socket.on('connect', onConnect);
    signal?.addEventListener('abort', onAbort);
  });
}

/** Why there is no connection, from the error of the socket that tried. */
export function connectError(cause: NodeJS.ErrnoException): ExchangeError {
  return cause.code === 'EMFILE' || cause.code === 'ENFILE'
    ? new ExchangeError('host_exhausted', `There are no file descriptors left (${cause.code})`, { cause })
    : new ExchangeError('connect_failed', 'The plugin does not accept connections', { cause });
}

/** A path that Node would cut short (over 107 bytes), or that is none, is refused before anything is tried with it. */
export function checkSocketPath(socketPath: string): void {
  const bytes = Buffer.byteLength(socketPath);
  if (bytes === 0 || socketPath.includes('\0')) {
    throw new ExchangeError('invalid_socket_path', 'A socket path must have a name and no NUL character');
  }
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new ExchangeError(
      'invalid_socket_path',
      `The socket path has ${bytes} bytes, and the system takes ${MAX_SOCKET_PATH_BYTES}: use a shorter directory`,
    );
  }
}

function ignore(): void {
  // An error of a socket without any listener would end the process.
}
