import type { Socket } from 'node:net';
import type { Envelope } from '@toru/contracts';
import { ExchangeError } from './exchange-error';
import { encodeOwn } from './exchange-v1';
import { checkSocketPath, connectSocket } from './socket-connect';
import type { ConnectOptions } from './socket-connect';
import type { AbortSignalLike } from './abort-signal-like';

export interface SendOptions extends ConnectOptions {
  /** From `encodeInit` or `encodeShutdown`. */
  readonly message: Envelope;
  /** Milliseconds after connecting, until the message must have been taken. */
  readonly flushTimeoutMs: number;
  /** Milliseconds after that, in which the plugin may close the connection before we do. */
  readonly lingerMs: number;
}

/**
 * Sends a message that is not answered, on a connection of its own (protocol §3: `init`, `shutdown`). Whatever the
 * plugin sends is read and thrown away. Resolves when the message was taken and the connection is closed.
 *
 * Rejects with `ExchangeError`: `invalid_socket_path`, `message_too_large`, `connect_failed`, `aborted`, or, before the
 * message was taken, `write_stalled` or `connection_closed`.
 */
export async function sendV1(options: SendOptions): Promise<void> {
  checkSocketPath(options.socketPath);
  const frame = encodeOwn(options.message);
  const socket = await connectSocket(options);
  await flushAndLinger(socket, frame, options);
}

function flushAndLinger(socket: Socket, frame: Buffer, options: SendOptions): Promise<void> {
  const { flushTimeoutMs, lingerMs, signal } = options;
  return new Promise((resolve, reject) => {
    let flushed = false;
    let timer = setTimeout(() => {
      settle(new ExchangeError('write_stalled', `The plugin did not take the message within ${flushTimeoutMs} ms`));
    }, flushTimeoutMs);

    function settle(error: ExchangeError): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('close', onClosed);
      socket.off('error', onClosed);
      socket.destroy();
      if (flushed) resolve();
      else reject(error);
    }
    function onAbort(): void {
      settle(new ExchangeError('aborted', 'The message was given up', { cause: signal?.reason }));
    }
    function onClosed(cause: unknown): void {
      const detail = cause instanceof Error ? { cause } : undefined;
      settle(new ExchangeError('connection_closed', 'The plugin closed before it took the message', detail));
    }

    signal?.addEventListener('abort', onAbort);
    socket.on('close', onClosed);
    socket.on('error', onClosed);
    socket.resume();
    socket.write(frame, (error) => {
      // Destroying the socket ends the write too, and without an error.
      if (error || socket.destroyed) return;
      flushed = true;
      clearTimeout(timer);
      timer = setTimeout(onClosed, lingerMs, undefined);
    });
    socket.end();
  });
}

export interface ProbeOptions {
  readonly socketPath: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignalLike;
}

/** Whether the socket accepts: connects and closes. Rejects with `ExchangeError` like `connectSocket`. */
export async function probeV1({ socketPath, timeoutMs, signal }: ProbeOptions): Promise<void> {
  const socket = await connectSocket({ socketPath, connectTimeoutMs: timeoutMs, signal });
  socket.destroy();
}
