import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FEATURES_V2, type InitV2, type KvRequestV2, type SettingsV2 } from '@toru/contracts';
import {
  acceptInit,
  awaitInit,
  type ConnectionClosedError,
  FrameError,
  PeerConnection,
  ProtocolError,
  refuseInit,
} from '@toru/protocol';
import { HostRequests } from './host-requests';
import { answerKv } from './kv-handler';
import { HostContext } from './plugin-context';
import type { PluginDefinition } from './plugin-definition';
import { failureOf, LicenseError } from './plugin-errors';

const INIT_TIMEOUT_MS = 30_000;
/** Between two looks whether everything is answered. */
const DRAIN_LOOK_MS = 10;
/** What `onShutdown` may take when the host is gone. */
const ORPHAN_MS = 2_000;
/** Of the grace, what is left for `onShutdown` and for closing. */
const RESERVE = 0.2;

/** One connection of the host's, from its first byte to the end of the process (protocol v2 §3). */
export class PluginSession {
  readonly #definition: PluginDefinition;
  readonly #connection: PeerConnection;
  readonly #stopping = new AbortController();
  #context: HostContext | undefined;
  #requests: HostRequests | undefined;
  #stopped: Promise<void> | undefined;

  constructor(definition: PluginDefinition, socket: Socket) {
    this.#definition = definition;
    this.#connection = new PeerConnection(socket, {
      role: 'plugin',
      handlers: {
        http: (request) => this.#requests?.answer(request) ?? { status: 503, headers: {} },
        kv: (request) => this.#answerKv(request),
        settings: (message) => this.#takeSettings(message),
        shutdown: ({ grace_ms }) => void this.stop(grace_ms),
        failed: (error, about) => this.#context?.log.error('A message of the host failed', { about, error }),
      },
    });
  }

  /** Resolves with the host's `init`, or with undefined where the connection ends without one. */
  async greeted(): Promise<InitV2 | undefined> {
    try {
      return await awaitInit(this.#connection, INIT_TIMEOUT_MS);
    } catch {
      await this.#connection.close();
      // One that came and went is of no interest; one that broke a rule is.
      const reason = await this.#connection.closed;
      if (reason.reason === 'protocol') reportLoss(reason);
      return undefined;
    }
  }

  /** Serves until the end, and resolves with the status that the process is to end with. Never rejects. */
  async serve(init: InitV2): Promise<number> {
    const connection = this.#connection;
    const features = usedFeatures(this.#definition, init);
    const context = new HostContext(init, connection, this.#stopping.signal, features);
    this.#context = context;
    const { onSettings } = this.#definition;
    if (onSettings) context.onSettingsChange((settings) => onSettings(settings, context));
    this.#requests = new HostRequests(this.#definition, context);
    try {
      await Promise.race([this.#initialise(context), connection.closed]);
      if (!connection.isClosed) acceptInit(connection, init, features);
    } catch (error) {
      const { code, message, exitStatus } = failureOf(error);
      console.error(code === 'internal' ? error : message);
      await refuseInit(connection, code, message).catch(() => undefined);
      return exitStatus;
    }
    const reason = await connection.closed;
    if (this.#stopped) {
      await this.#stopped;
      return 0;
    }
    reportLoss(reason);
    this.#stopping.abort();
    await Promise.race([this.#shutDown(), delay(ORPHAN_MS, undefined, { ref: false })]);
    return 1;
  }

  /** Finishes what is in flight, within `graceMs`, and closes. Any number of times. */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  /** Another connection serves. */
  close(): void {
    void this.#connection.close();
  }

  async #initialise(context: HostContext): Promise<void> {
    const { metadata, onInit } = this.#definition;
    if (metadata.license === 'required' && context.license.key === null) {
      throw new LicenseError(`${metadata.name} needs a licence key: enter its vendor's (reason: missing).`, 'missing');
    }
    await onInit?.(context);
  }

  async #stop(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    this.#stopping.abort();
    const { load } = this.#connection;
    if (load.serving + load.streams > 0) await this.#drain(end - graceMs * RESERVE);
    await Promise.race([this.#shutDown(), delay(Math.max(end - performance.now(), 0), undefined, { ref: false })]);
    await this.#connection.close();
  }

  async #drain(end: number): Promise<void> {
    for (;;) {
      const { serving, streams } = this.#connection.load;
      if ((serving === 0 && streams === 0) || performance.now() >= end) return;
      await delay(DRAIN_LOOK_MS);
    }
  }

  async #shutDown(): Promise<void> {
    try {
      if (this.#context) await this.#definition.onShutdown?.(this.#context);
    } catch (error) {
      console.error('onShutdown failed:', error);
    }
  }

  async #answerKv(request: KvRequestV2): ReturnType<typeof answerKv> {
    const context = this.#context;
    if (!context) throw new Error('A kv request before init');
    return answerKv(this.#definition.kv ?? {}, request, context);
  }

  #takeSettings({ settings }: SettingsV2): void {
    this.#context?.changeSettings(settings);
  }
}

/** Those of the offered features that this plugin can make use of (protocol v2 §3). */
function usedFeatures({ http }: PluginDefinition, { features }: InitV2): readonly string[] {
  return FEATURES_V2.filter((feature) => features.includes(feature) && (feature !== 'upgrade' || http !== undefined));
}

function reportLoss({ message, cause }: ConnectionClosedError): void {
  const isTheirs = cause instanceof FrameError || cause instanceof ProtocolError;
  const why = isTheirs ? `protocol error: ${cause.reason}: ${message}` : message;
  console.error(`The connection to the host is gone: ${why}`);
}
