import type { Socket } from 'node:net';
import type { Tunnel } from '../protocol';
import { drained } from './drained';
import { IdleWatch } from './idle-watch';

const CLIENT_GONE = { code: 'client_gone', message: 'The client left' };
/** How soon the system asks a silent client whether it is still there, in milliseconds: it may be silent for hours. */
const KEEP_ALIVE_MS = 60_000;

export interface TunnelOptions {
  /** What the client sent after its handshake, before it was handed over. */
  readonly head: Buffer;
  /**
   * In milliseconds: how long either side may read nothing of what waits for it, and how long nothing may move once one
   * side has said its last.
   */
  readonly idleMs: number;
  /** How long nobody may say anything, in milliseconds; `Infinity`: any time. */
  readonly silentMs: number;
  readonly onSent: (bytes: number) => void;
  readonly onReceived: (bytes: number) => void;
}

/**
 * Carries raw bytes between a client's socket and a plugin, each way as fast as its reader reads, each end on its own
 * (RTE-6). Whatever breaks one way ends both. Resolves when both are over; never rejects, and leaves the socket ended.
 */
export async function runTunnel(socket: Socket, tunnel: Tunnel, options: TunnelOptions): Promise<void> {
  const { toPlugin, fromPlugin } = tunnel;
  const breakOff = (): void => {
    socket.destroy();
    toPlugin.abort(CLIENT_GONE);
    fromPlugin.cancel(CLIENT_GONE);
  };
  socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true).setTimeout(0);
  socket.once('close', breakOff).once('timeout', breakOff);
  fromPlugin.onClose((error) => {
    if (error !== undefined) breakOff();
  });
  toPlugin.onClose((error) => {
    if (error !== undefined) breakOff();
  });
  if (options.head.length > 0) socket.unshift(options.head);
  const silence = new IdleWatch(options.silentMs, breakOff);
  const moving: TunnelOptions = {
    ...options,
    onSent: (bytes) => {
      silence.moved();
      options.onSent(bytes);
    },
    onReceived: (bytes) => {
      silence.moved();
      options.onReceived(bytes);
    },
  };
  const halfClosed = (): void => {
    socket.setTimeout(options.idleMs);
  };
  await Promise.all([
    sendToPlugin(socket, tunnel, moving).then(halfClosed, breakOff),
    sendToClient(socket, tunnel, moving).then(halfClosed, breakOff),
  ]);
  silence.end();
  socket.destroySoon();
}

/** Without a promise for what the plugin takes at once: that is most of it. */
function sendToPlugin(socket: Socket, { toPlugin }: Tunnel, { onReceived, idleMs }: TunnelOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting = Promise.resolve();
    const wait = async (chunk: Buffer): Promise<void> => {
      socket.pause();
      // while nothing is read the system cannot tell that the client has left, so the wait must end by itself
      const timer = setTimeout(() => socket.destroy(), idleMs);
      try {
        await toPlugin.write(chunk);
      } finally {
        clearTimeout(timer);
      }
      socket.resume();
    };
    socket.on('data', (chunk: Buffer) => {
      onReceived(chunk.length);
      // whoever has broken it off ends the socket as well
      if (toPlugin.isOver || toPlugin.writeNow(chunk)) return;
      waiting = wait(chunk);
      waiting.catch(reject);
    });
    const end = (): void => {
      waiting.then(() => toPlugin.end()).then(resolve, reject);
    };
    const leave = (): void => {
      reject(new Error('the client left'));
    };
    socket.once('end', end).once('close', leave);
    // it may have left while the plugin was asked, and then nothing more is told
    if (socket.destroyed) leave();
    else if (socket.readableEnded) end();
  });
}

/** Smaller pieces are copied where they must wait: each might keep a much larger chunk. */
const MIN_KEPT_BYTES = 8 * 1024;

async function sendToClient(socket: Socket, { fromPlugin }: Tunnel, { onSent, idleMs }: TunnelOptions): Promise<void> {
  await fromPlugin.forEach((piece) => {
    onSent(piece.length);
    const waits = socket.writableLength > 0 && piece.length < MIN_KEPT_BYTES;
    return socket.write(waits ? Buffer.from(piece) : piece) ? undefined : drained(socket, idleMs);
  });
  socket.end();
}
