import { existsSync } from 'node:fs';
import type { JsonObject, PluginMetadata, ProtocolVersion } from '@toru/contracts';
import { parseMetadata } from '@toru/protocol';
import { CheckFailure, CheckSkip, fail } from './check-error';
import { Launcher, type Greeting } from './launcher';
import type { ConformanceOptions, RouteName } from './options';
import { describeEnd, type RunningPlugin } from './process/launch';
import type { RunResult } from './process/run-once';
import { SharedPlugin, type Session } from './shared-plugin';
import type { HostV1 } from './wire/host-v1';
import type { HostV2 } from './wire/host-v2';
import { MemoryKv } from './wire/memory-kv';
import { Observations } from './wire/observations';
import type { Trace } from './wire/trace';

/**
 * What checks work with: the plugin's metadata, a process of it that they share and that is started anew when one of
 * them has ended it, and fresh ones for those that break something.
 */
export class Kit {
  readonly observations = new Observations();
  readonly kv = new MemoryKv();
  readonly shared: SharedPlugin;
  /** Descendants that left the process group are found by their environment, which only Linux shows. */
  readonly canFindLeftovers = existsSync('/proc/self/environ');
  readonly #launcher: Launcher;
  #metadata: Promise<RunResult> | undefined;

  constructor(
    readonly options: ConformanceOptions,
    trace: Trace,
  ) {
    const { kv, observations } = this;
    this.#launcher = new Launcher(options, { timeoutMs: options.timeoutMs, trace, kv, observations });
    this.shared = new SharedPlugin(this.#launcher);
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  get instanceId(): string {
    return this.#launcher.instanceId;
  }

  /** Which version is spoken; undefined where nobody knows. */
  get protocol(): ProtocolVersion | undefined {
    return this.#launcher.protocol;
  }

  /** To be called once, before anything is started. */
  async readMetadata(): Promise<ConformanceOptions['known']> {
    const metadata = this.options.known ?? (await this.pluginMetadata());
    if (metadata) this.#launcher.pluginId = metadata.id;
    this.#launcher.protocol = this.options.protocol ?? metadata?.protocol;
    return metadata;
  }

  /** What the first call of `--metadata` gave. */
  metadata(): Promise<RunResult> {
    this.#metadata ??= this.callMetadata();
    return this.#metadata;
  }

  /** One more call. */
  callMetadata(): Promise<RunResult> {
    return this.#launcher.callMetadata();
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

  /** Version 1, on the shared process. */
  v1(): Promise<HostV1> {
    return this.shared.v1();
  }

  /** Version 2, on the shared process: ready. */
  async v2(): Promise<HostV2> {
    return (await this.shared.session()).host;
  }

  /** Does something with a process of its own and ends it, whatever happens. An empty licence key is none. */
  async withFresh<T>(use: (plugin: RunningPlugin) => Promise<T>, licenseKey?: string): Promise<T> {
    this.shared.throwProblem();
    const plugin = await this.#launcher.launch(licenseKey);
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
      const host = await this.#launcher.becomeReady(plugin, init);
      try {
        return await use({ plugin, host });
      } finally {
        host.destroy();
      }
    });
  }

  /** Version 1, with another process than the shared one or other patience. */
  v1Of(plugin: RunningPlugin, timeoutMs = this.timeoutMs): HostV1 {
    return this.#launcher.v1Of(plugin, timeoutMs);
  }

  /** Version 2: connects and sends `init`. */
  greet(plugin: RunningPlugin, init: JsonObject): Promise<HostV2> {
    return this.#launcher.greet(plugin, init);
  }

  /** The `ready` or `failed` that answers `init`. */
  greetingOf(host: HostV2): Promise<Greeting> {
    return this.#launcher.greetingOf(host);
  }

  /** Fails for a fault of that kind of message, or for none at all where the route is there to make some. */
  demandSeen(type: string, checkId: string, route: string | undefined): void {
    const fault = this.observations.faultOf(checkId);
    if (fault !== undefined) fail(fault);
    if (this.observations.timesSeen(type) > 0) return;
    if (route !== undefined) fail(`${route} sent no ${type}`);
    throw new CheckSkip(`the plugin sent no ${type}: see --tell-path`);
  }

  /** Ends everything and removes every trace. */
  async dispose(): Promise<void> {
    await this.shared.end();
    this.#launcher.dispose();
  }
}
