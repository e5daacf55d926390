import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURES_V2, type InitV2 } from '@toru/contracts';
import {
  connectSocket,
  initialise,
  PeerConnection,
  ReceiveStream,
  type HandshakeResult,
  type HttpOptions,
  type IncomingResponse,
  type PeerHandlers,
  type RequestHead,
} from '@toru/protocol';
import type { PluginDefinition } from '../plugin-definition';
import { servePlugin, type ServeOptions } from '../serve-plugin';

/** Far more than any test takes: it is not what they wait for. */
const LONG_MS = 100_000;

const METADATA = { id: 'acme', name: 'Acme', version: '1.0.0', icon: 'A', route: '/acme' };

const INIT: InitV2 = {
  protocol: 2,
  features: FEATURES_V2,
  plugin_id: 'acme',
  instance_id: 'instance-1',
  plugin_socket: '',
  log_path: '',
  data_dir: '/nowhere',
  settings: { colour: 'blue' },
  license_key: null,
  limits: { max_frame: 16_777_216, window: 262_144 },
};

export interface HostSideOptions {
  readonly init?: Partial<InitV2>;
  readonly handlers?: PeerHandlers;
  readonly serve?: ServeOptions;
}

type Definition = Omit<PluginDefinition, 'metadata'> & { readonly metadata?: Partial<PluginDefinition['metadata']> };

/** A plugin in this process, and a host that is connected to it over a real Unix socket. */
export class HostSide {
  private constructor(
    readonly connection: PeerConnection,
    readonly handshake: HandshakeResult,
    /** The status that the plugin's process would end with. */
    readonly exitStatus: Promise<number>,
    readonly socketPath: string,
  ) {}

  static async start(definition: Definition, { init, handlers, serve }: HostSideOptions = {}): Promise<HostSide> {
    const directory = mkdtempSync(join(tmpdir(), 'toru-'));
    const socketPath = join(directory, 's');
    const metadata = { ...METADATA, ...definition.metadata };
    const exitStatus = servePlugin({ ...definition, metadata }, socketPath, serve).finally(() =>
      rmSync(directory, { recursive: true, force: true }),
    );
    // The socket is there as soon as the server was told to listen: nothing is looked up for a path.
    const socket = await connectSocket({ socketPath, connectTimeoutMs: LONG_MS });
    const connection = new PeerConnection(socket, { role: 'host', ...(handlers && { handlers }) });
    const handshake = await initialise(connection, { ...INIT, ...init }, LONG_MS);
    return new HostSide(connection, handshake, exitStatus, socketPath);
  }

  ask(head: Partial<RequestHead> = {}, options: HttpOptions = {}): Promise<IncomingResponse> {
    const defaults = { method: 'GET', path: '/', base: '', headers: {}, user: null, remote: '192.0.2.7' };
    return this.connection.http({ ...defaults, ...head }, { deadlineMs: LONG_MS, ...options });
  }
}

export async function bytesOf(body: IncomingResponse['body']): Promise<Buffer> {
  if (!(body instanceof ReceiveStream)) return Buffer.from(body ?? []);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

export async function textOf(response: IncomingResponse): Promise<string> {
  return (await bytesOf(response.body)).toString();
}
