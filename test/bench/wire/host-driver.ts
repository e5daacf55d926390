import type { Socket } from 'node:net';
import { FEATURES_V2, MAX_FRAME_BYTES, DEFAULT_WINDOW_BYTES, type InitV2 } from '@toru/contracts';
import { encodeFrameV2, initialise, PeerConnection } from '@toru/protocol';
import { BODY, REQUEST } from './exchange';
import { FrameDriver } from './frame-driver';

const READY_MS = 20_000;

const INIT: InitV2 = {
  protocol: 2,
  features: FEATURES_V2,
  plugin_id: 'bench',
  instance_id: '3f8e7a52-0000-4000-8000-000000000000',
  plugin_socket: '',
  log_path: '',
  data_dir: '/tmp',
  settings: {},
  license_key: null,
  limits: { max_frame: MAX_FRAME_BYTES, window: DEFAULT_WINDOW_BYTES },
};

/** The host's side of a connection, as the server uses it. */
export async function connectAsHost(socket: Socket): Promise<PeerConnection> {
  const connection = new PeerConnection(socket, { role: 'host' });
  const result = await initialise(connection, INIT, READY_MS);
  if (!result.ok) throw new Error(`The plugin refused: ${result.failed.message}`);
  return connection;
}

/** Round trips a second of `POST /echo`, so many in flight. */
export async function roundTrips(connection: PeerConnection, inFlight: number, seconds: number): Promise<number> {
  const begin = performance.now();
  let count = 0;
  // As with the echo, nobody looks at the clock for each of them.
  let isOver = false;
  setTimeout(() => (isOver = true), seconds * 1000);
  const one = async (): Promise<void> => {
    while (!isOver) {
      const { status, body } = await connection.http(REQUEST, { body: BODY });
      if (status !== 200 || !(body instanceof Uint8Array) || body.length !== BODY.length) {
        throw new Error(`POST /echo answered ${status}, not the body that it was sent`);
      }
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return (count * 1000) / (performance.now() - begin);
}

/** The same requests from prepared frames: what the plugin's side alone can do. The connection is used up by it. */
export async function preparedHost(socket: Socket): Promise<(inFlight: number, seconds: number) => Promise<number>> {
  const ready = new Promise((resolve) => socket.once('data', resolve));
  const init = { type: 'lifecycle', action: 'init', timestamp: new Date().toISOString(), payload: INIT };
  socket.write(Buffer.concat(encodeFrameV2(init)));
  await ready;
  const driver = new FrameDriver(socket);
  return (inFlight, seconds) => driver.perSecond(requestFrames(inFlight), seconds, slotOf);
}

/** One request for each slot; the slot is its id, of three digits. */
export function requestFrames(count: number): Buffer[] {
  return Array.from({ length: count }, (_, slot) => {
    const message = { type: 'http', request_id: String(slot).padStart(3, '0'), payload: REQUEST };
    return Buffer.concat(encodeFrameV2(message, BODY));
  });
}

const ID = /"request_id"\s*:\s*"(\d{3})"/;

function slotOf(bytes: Buffer, at: number, end: number): number {
  const [, id] = ID.exec(bytes.toString('latin1', at, Math.min(end, at + 512))) ?? [];
  if (id === undefined) throw new Error('The plugin sent something else than an answer');
  return Number(id);
}
