import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { JsonObject, PluginMetadata, ProtocolVersion } from '@toru/contracts';
import { decodeReadyV2, MAX_METADATA_BYTES, parseMetadata, asString, ProtocolError } from '@toru/protocol';
import { CheckFailure, CheckSkip, fail } from './check-error';
import type { ConformanceOptions, RouteName } from './options';
import { connectWhenAccepting, describeEnd, launch, LaunchError, type RunningPlugin } from './process/launch';
import { runOnce, type RunResult } from './process/run-once';
import { Sandbox } from './process/sandbox';
import { HostV1, type HostV1Options } from './wire/host-v1';
import { HostV2 } from './wire/host-v2';
import { MemoryKv } from './wire/memory-kv';
import { Observations } from './wire/observations';
import type { Trace } from './wire/trace';
import { within } from './wire/within';

/** How long a process may take to be gone after its connection. */
const LAST_BREATH_MS = 500;

export interface Session {
  readonly plugin: RunningPlugin;
  readonly host: HostV2;
}

/**
 * What checks work with: the plugin's metadata, a process of it that they share and that is started anew when one of
 * them has ended it, and fresh ones for those that break something.
 */
export class Kit {
  readonly observations = new Observations();
  readonly kv = new MemoryKv();
  readonly instanceId: string;
  /** Which version is spoken; undefined where nobody knows. */
  protocol: ProtocolVersion | undefined;
  /** Descendants that left the process group are found by their environment, which only Linux shows. */
  readonly canFindLeftovers = existsSync('/proc/self/environ');
  readonly #sandbox = new Sandbox();
  #metadata: Promise<RunResult> | undefined;
  #shared: RunningPlugin | undefined;
  #session: Session | undefined;
  /** The process that has got its `init` of version 1, and how many frames came back. */
  #initialised: RunningPlugin | undefined;
  framesAfterInit = 0;
  /** Why no process of it can be used; and whether a check has failed for it yet. */
  #problem: LaunchError | CheckFailure | undefined;
  #problemTold = false;
  #pluginId = 'unknown';
  /** Ends of the shared process that nobody had asked for. */
  readonly #unaskedEnds: string[] = [];

  constructor(
    readonly options: ConformanceOptions,
    private readonly trace: Trace,
  ) {
    this.instanceId = options.instanceId ?? randomUUID();
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** What the first call of `--metadata` gave. */
  metadata(): Promise<RunResult> {
    this.#metadata ??= this.callMetadata();
    return this.#metadata;
  }

  /** One more call; from `/`, as the host does it. */
  callMetadata(): Promise<RunResult> {
    const { executable: file, args, env } = this.options;
    const marker = this.#sandbox.newMarker();
    const limits = { timeoutMs: this.options.metadataTimeoutMs, maxBytes: MAX_METADATA_BYTES };
    return runOnce({ file, args: [...args, '--metadata'], cwd: '/', env, marker }, limits);
  }

  /** The plugin's metadata; undefined where they are of no use. */
  async pluginMetadata(): Promise<PluginMetadata | undefined> {
    const { stdout, exitCode } = await this.metadata();
    const parsed = exitCode === 0 ? parseMetadata(stdout) : undefined;
    return parsed?.ok ? parsed.metadata : undefined;
  }

  /** The path of an optional route, without the plugin's own. */
  route(name: RouteName): string {
    const path = this.options.routes[name];
    if (path === undefined) throw new CheckSkip(`the plugin has no such route: see --${name}-path`);
    return path;
  }

  /** The process that checks share. */
  async plugin(): Promise<RunningPlugin> {
    this.#throwProblem();
    if (this.#shared && !this.#shared.process.exit) return this.#shared;
    await this.#endShared();
    try {
      this.#shared = await this.launchFresh();
    } catch (error) {
      throw this.#remember(error);
    }
    return this.#shared;
  }

  /** The shared process as far as it has come when the host can use it. */
  async started(): Promise<RunningPlugin> {
    return this.protocol === 2 ? (await this.session()).plugin : this.plugin();
  }

  /** Version 1, on the shared process. */
  async v1(): Promise<HostV1> {
    const plugin = await this.plugin();
    const host = this.v1Of(plugin);
    if (this.#initialised !== plugin) {
      this.#initialised = plugin;
      this.framesAfterInit = await host.init(this.instanceId, plugin.place.logPath);
    }
    return host;
  }

  /** Version 2, on the shared process: ready. */
  async v2(): Promise<HostV2> {
    const { host } = await this.session();
    return host;
  }

  async session(): Promise<Session> {
    this.#throwProblem();
    const session = this.#session;
    if (session && session.host.closedReason === undefined && !session.plugin.process.exit) return session;
    await this.#endShared();
    const plugin = await this.plugin();
    try {
      this.#session = { plugin, host: await this.becomeReady(plugin) };
    } catch (error) {
      throw this.#remember(error);
    }
    return this.#session;
  }

  /** A process of its own; whoever asks for it ends it. */
  launchFresh(licenseKey = this.options.licenseKey): Promise<RunningPlugin> {
    const { executable: file, args, env, readyTimeoutMs } = this.options;
    const place = this.#sandbox.newPlace();
    const variables = {
      TORU_PLUGIN_SOCKET: place.socketPath,
      TORU_PLUGIN_ID: this.#pluginId,
      TORU_INSTANCE_ID: this.instanceId,
      TORU_LOG_PATH: place.logPath,
      ...(licenseKey !== undefined && licenseKey !== '' && { TORU_LICENSE_KEY: licenseKey }),
      ...env,
    };
    return launch({ file, args, env: variables, place, readyTimeoutMs, probe: this.protocol !== 2 });
  }

  /** Does something with a process of its own and ends it, whatever happens. An empty licence key is none. */
  async withFresh<T>(use: (plugin: RunningPlugin) => Promise<T>, licenseKey?: string): Promise<T> {
    this.#throwProblem();
    const plugin = await this.launchFresh(licenseKey);
    try {
      return await use(plugin);
    } catch (error) {
      if (error instanceof CheckFailure && plugin.process.exit) {
        throw new CheckFailure(`${error.message} (the plugin ${describeEnd(plugin.process)})`, { cause: error });
      }
      throw error;
    } finally {
      await plugin.process.end();
    }
  }

  /** The same in version 2, with a connection that is ready. */
  withFreshSession<T>(use: (session: Session) => Promise<T>, init: JsonObject = {}): Promise<T> {
    return this.withFresh(async (plugin) => {
      const host = await this.becomeReady(plugin, init);
      try {
        return await use({ plugin, host });
      } finally {
        host.destroy();
      }
    });
  }

  /** A process of its own that serves: it has answered a request. */
  withFreshServing<T>(use: (plugin: RunningPlugin) => Promise<T>): Promise<T> {
    if (this.protocol === 2) {
      return this.withFreshSession(async ({ plugin, host }) => {
        await host.ask({});
        return use(plugin);
      });
    }
    return this.withFresh(async (plugin) => {
      const host = this.v1Of(plugin);
      await host.init(this.instanceId, plugin.place.logPath);
      await host.exchange({});
      return use(plugin);
    });
  }

  v1Of({ place }: RunningPlugin): HostV1 {
    return new HostV1({ ...this.wire(), socketPath: place.socketPath });
  }

  /** Connects, sends `init` and waits for `ready`. */
  async becomeReady(plugin: RunningPlugin, init: JsonObject = {}): Promise<HostV2> {
    const host = await this.greet(plugin, init);
    try {
      const message = await this.greetingOf(host);
      const action = asString(message.envelope, 'action');
      if (action === 'failed') {
        const code = asString(message.payload, 'code') ?? '';
        fail(`it answered init with failed: ${code} ${asString(message.payload, 'message') ?? ''}`);
      }
      decodeReadyV2(message.payload);
      return host;
    } catch (error) {
      host.destroy();
      throw error instanceof ProtocolError ? new CheckFailure(error.message, { cause: error }) : error;
    }
  }

  /** Connects and sends `init`. */
  async greet(plugin: RunningPlugin, init: JsonObject = {}): Promise<HostV2> {
    const { place } = plugin;
    const host = new HostV2(await connectWhenAccepting(plugin, this.options.readyTimeoutMs), this.wire());
    host.sendInit({
      plugin_id: this.#pluginId,
      instance_id: this.instanceId,
      plugin_socket: place.socketPath,
      log_path: place.logPath,
      data_dir: place.dataDirectory,
      settings: this.options.settings,
      license_key: this.options.licenseKey ?? null,
      ...init,
    });
    return host;
  }

  async greetingOf(host: HostV2): ReturnType<typeof greetingOrEnd> {
    return within(greetingOrEnd(host), this.options.readyTimeoutMs, 'no ready and no failed');
  }

  /** Fails for a fault of that kind of message, or for none at all where the route is there to make some. */
  demandSeen(type: string, checkId: string, route: string | undefined): void {
    const fault = this.observations.faultOf(checkId);
    if (fault !== undefined) fail(fault);
    if (this.observations.timesSeen(type) > 0) return;
    if (route !== undefined) fail(`${route} sent no ${type}`);
    throw new CheckSkip(`the plugin sent no ${type}: see --tell-path`);
  }

  /** How the shared process ended, where it did so unasked. */
  get unexpectedEnd(): string | undefined {
    return this.#shared?.process.exit && describeEnd(this.#shared.process);
  }

  /** How often, and how first, the shared process ended unasked; undefined if it never did. */
  get unaskedEnd(): string | undefined {
    const ends = [...this.#unaskedEnds, ...(this.unexpectedEnd === undefined ? [] : [this.unexpectedEnd])];
    return ends.length > 1 ? `${ends[0] ?? ''} (${ends.length} times in all)` : ends[0];
  }

  /** Ends everything and removes every trace. */
  async dispose(): Promise<void> {
    await this.#endShared();
    this.#sandbox.remove();
  }

  /** To be called once, before anything is started. */
  async readMetadata(): Promise<ConformanceOptions['known']> {
    const metadata = this.options.known ?? (await this.pluginMetadata());
    this.#pluginId = metadata?.id ?? this.#pluginId;
    this.protocol = this.options.protocol ?? metadata?.protocol;
    return metadata;
  }

  /** What every connection of this run has. */
  wire(): Omit<HostV1Options, 'socketPath'> {
    return { timeoutMs: this.timeoutMs, trace: this.trace, kv: this.kv, observations: this.observations };
  }

  async #endShared(): Promise<void> {
    const shared = this.#shared;
    // it is on its way to end by itself, which is to be seen
    if (this.#session?.host.closedReason !== undefined) await shared?.process.exitWithin(LAST_BREATH_MS);
    this.#session?.host.destroy();
    this.#session = undefined;
    if (this.unexpectedEnd !== undefined) this.#unaskedEnds.push(this.unexpectedEnd);
    this.#shared = undefined;
    await shared?.process.end();
  }

  /** The check that has just met the problem is not the one that it belongs to: that one is to fail for it. */
  tellProblemAgain(): void {
    this.#problemTold = false;
  }

  #throwProblem(): void {
    if (!this.#problem) return;
    if (!this.#problemTold) {
      this.#problemTold = true;
      throw this.#problem;
    }
    throw new CheckSkip(`the plugin could not be started: ${this.#problem.message}`);
  }

  /** Only the first check that needs it fails for it. */
  #remember(error: unknown): unknown {
    if (!(error instanceof LaunchError) && !(error instanceof CheckFailure)) return error;
    this.#problem = error;
    this.#problemTold = true;
    return error;
  }
}

async function greetingOrEnd(host: HostV2): Promise<Awaited<HostV2['greeting']>> {
  const ended = host.closed.then((reason) => Promise.reject(new CheckFailure(`no ready and no failed: ${reason}`)));
  ended.catch(() => undefined);
  return Promise.race([host.greeting, ended]);
}
