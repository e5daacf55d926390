import { CheckFailure, CheckSkip } from './check-error';
import type { Launcher } from './launcher';
import { describeEnd, LaunchError, type RunningPlugin } from './process/launch';
import type { Exit } from './process/plugin-process';
import type { HostV1 } from './wire/host-v1';
import type { HostV2 } from './wire/host-v2';

/** How long a process may take to be gone after its connection. */
const LAST_BREATH_MS = 500;

export interface Session {
  readonly plugin: RunningPlugin;
  readonly host: HostV2;
}

/** What came of SIGTERM. */
export interface Termination {
  /** Undefined where it still ran when its time was over. */
  readonly exit: Exit | undefined;
  /** What it had started and left behind. */
  readonly leftovers: readonly number[];
}

/** The process that checks share. It is started anew when one of them has ended it. */
export class SharedPlugin {
  #running: RunningPlugin | undefined;
  #session: Session | undefined;
  /** The process that has got its `init` of version 1, and how many frames came back. */
  #initialised: RunningPlugin | undefined;
  framesAfterInit = 0;
  /** Why no process of it can be used; and whether a check has failed for it yet. */
  #problem: LaunchError | CheckFailure | undefined;
  #problemTold = false;
  /** Ends that nobody had asked for. */
  readonly #unaskedEnds: string[] = [];
  #termination: Promise<Termination> | undefined;

  constructor(private readonly launcher: Launcher) {}

  async plugin(): Promise<RunningPlugin> {
    this.throwProblem();
    if (this.#running && !this.#running.process.exit) return this.#running;
    await this.end();
    try {
      this.#running = await this.launcher.launch();
    } catch (error) {
      throw this.#remember(error);
    }
    return this.#running;
  }

  /** As far as it has come when the host can use it. */
  async started(): Promise<RunningPlugin> {
    return this.launcher.protocol === 2 ? (await this.session()).plugin : this.plugin();
  }

  /** Version 1: it has got its `init`. */
  async v1(): Promise<HostV1> {
    const plugin = await this.plugin();
    const host = this.launcher.v1Of(plugin);
    if (this.#initialised !== plugin) {
      this.#initialised = plugin;
      this.framesAfterInit = await host.init(this.launcher.instanceId, plugin.place.logPath);
    }
    return host;
  }

  /** Version 2: ready. */
  async session(): Promise<Session> {
    this.throwProblem();
    if (this.#session && this.isReady) return this.#session;
    await this.end();
    const plugin = await this.plugin();
    try {
      this.#session = { plugin, host: await this.launcher.becomeReady(plugin) };
    } catch (error) {
      throw this.#remember(error);
    }
    return this.#session;
  }

  /** Version 2: whether it has said `ready`, and nothing has ended since. */
  get isReady(): boolean {
    const { host, plugin } = this.#session ?? {};
    return host !== undefined && host.closedReason === undefined && plugin?.process.exit === undefined;
  }

  /** SIGTERM while it serves: the same one for all checks that ask for it, and the end of this process in any case. */
  terminated(): Promise<Termination> {
    this.#termination ??= this.#terminate();
    return this.#termination;
  }

  async #terminate(): Promise<Termination> {
    const { process } = await this.#serving();
    process.terminate();
    const exit = await process.exitWithin(this.launcher.options.killDelayMs);
    const leftovers = exit ? process.leftovers() : [];
    // asked for, and all the same no more to be used
    this.#running = undefined;
    await this.end();
    await process.end();
    return { exit, leftovers };
  }

  /** It has answered a request. */
  async #serving(): Promise<RunningPlugin> {
    if (this.launcher.protocol === 2) {
      const { plugin, host } = await this.session();
      await host.ask({});
      return plugin;
    }
    const plugin = await this.plugin();
    await (await this.v1()).exchange({});
    return plugin;
  }

  /** How it ended, where it did so unasked. */
  get unexpectedEnd(): string | undefined {
    return this.#running?.process.exit && describeEnd(this.#running.process);
  }

  /** How often, and how first, it ended unasked; undefined if it never did. */
  get unaskedEnd(): string | undefined {
    const ends = [...this.#unaskedEnds, ...(this.unexpectedEnd === undefined ? [] : [this.unexpectedEnd])];
    return ends.length > 1 ? `${ends[0] ?? ''} (${ends.length} times in all)` : ends[0];
  }

  async end(): Promise<void> {
    const running = this.#running;
    // it is on its way to end by itself, which is to be seen
    if (this.#session?.host.closedReason !== undefined) await running?.process.exitWithin(LAST_BREATH_MS);
    this.#session?.host.destroy();
    this.#session = undefined;
    if (this.unexpectedEnd !== undefined) this.#unaskedEnds.push(this.unexpectedEnd);
    this.#running = undefined;
    await running?.process.end();
  }

  /** The check that has just met the problem is not the one that it belongs to: that one is to fail for it. */
  tellProblemAgain(): void {
    this.#problemTold = false;
  }

  /** Fails, or skips where another check has failed for it, if no process of the plugin can be used. */
  throwProblem(): void {
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
