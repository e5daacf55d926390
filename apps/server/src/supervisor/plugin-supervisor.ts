import { Injectable } from '@nestjs/common';
import type {
  HttpRequestV1,
  HttpResponseV1,
  JsonObject,
  KvRequestV1,
  LicenseOutcome,
  PluginBudget,
  PluginState,
  SettingsOutcome,
} from '@toru/contracts';
import { AppError } from '../common';
import {
  EnabledState,
  PluginRuntime,
  type ListedVersion,
  type CatalogueEntry,
  type RuntimeRequestOptions,
  type RuntimeStatus,
  type ValidEntry,
} from '../plugins';
import type { PluginChannel } from '../protocol';
import { BackgroundWork } from './background-work';
import { Budgets } from './budgets.service';
import type { PluginActor } from './plugin-actor';
import { ResourceHistory } from './resource-history';
import type { Serving } from './serving-plugin';
import { SupervisedPlugins } from './supervised-plugins';

/** States of a plugin that does not serve, in which another licence key makes a difference at once. */
const MAY_REFUSE: readonly PluginState[] = ['failed', 'starting'];

/**
 * Hands commands to the actors of the plugins, and tells how these do. There is no lock that two plugins share: operations
 * on different plugins run side by side (LIF-5).
 */
@Injectable()
export class PluginSupervisor extends PluginRuntime {
  constructor(
    private readonly plugins: SupervisedPlugins,
    private readonly enabled: EnabledState,
    private readonly background: BackgroundWork,
    private readonly allBudgets: Budgets,
    private readonly resources: ResourceHistory,
  ) {
    super();
  }

  /**
   * Ends what an earlier host has left (SUP-6), then reads the plugins directory. Nothing is started before `begin`,
   * however often it is read.
   */
  async prepare(): Promise<void> {
    await this.plugins.prepare();
  }

  /**
   * Starts what is recorded as enabled (LIF-4), now and whenever the directory is read again: so many at once, each of
   * which becomes ready in its own time, so that a slow one delays nobody.
   */
  begin(parallel: number): void {
    this.plugins.begin(parallel);
  }

  override status(id: string): RuntimeStatus {
    const plugin = this.plugins.get(id);
    if (plugin === undefined) return { ...NEVER_RAN };
    return { ...this.plugins.statusOf(plugin), resources: this.resources.latest(plugin.id) };
  }

  override budgets(entry: ValidEntry): readonly PluginBudget[] {
    return this.allBudgets.of(entry);
  }

  /** Whether the plugins directory was read since the host started. */
  get hasReadPlugins(): boolean {
    return this.plugins.wasRead;
  }

  /** How many plugins are on their way up, those that wait for their turn included. */
  get starting(): number {
    return this.plugins.all().filter((plugin) => this.plugins.statusOf(plugin).state === 'starting').length;
  }

  override async enable({ id }: ValidEntry): Promise<'enabled' | 'already_enabled'> {
    this.refuseWhileClosing(id);
    return this.require(id).enable();
  }

  override async disable({ id }: CatalogueEntry): Promise<'disabled' | 'already_disabled'> {
    this.refuseWhileClosing(id);
    const plugin = this.plugins.get(id);
    if (plugin !== undefined) return plugin.actor.disable();
    const outcome = this.enabled.isEnabled(id) ? 'disabled' : 'already_disabled';
    await this.enabled.set(id, false);
    return outcome;
  }

  override applySettings(id: string, settings: JsonObject): SettingsOutcome {
    const plugin = this.plugins.get(id);
    if (plugin === undefined || this.plugins.isClosing) return 'next_start';
    const { channel } = plugin.actor;
    if (channel !== undefined) return isTaken(channel, settings) ? 'live' : 'restart_required';
    if (plugin.actor.status.state !== 'failed' || !this.enabled.isEnabled(id)) return 'next_start';
    void this.background.run(id, plugin.actor.startRecorded());
    return 'started';
  }

  override licenceChanged(id: string): LicenseOutcome {
    const plugin = this.plugins.get(id);
    if (plugin === undefined || this.plugins.isClosing) return 'next_start';
    const { actor, target } = plugin;
    const runs = actor.channel !== undefined;
    const isTried = runs ? target.waitsForKey : this.enabled.isEnabled(id) && MAY_REFUSE.includes(actor.state);
    // what gets ready may be another version than the one whose routes are known
    const changed = actor.licenceChanged().finally(() => this.plugins.indexRoutes());
    void this.background.run(id, changed);
    if (runs) return isTried ? 'update_retried' : 'restart_required';
    return isTried ? 'started' : 'next_start';
  }

  override async restart({ id }: ValidEntry): Promise<void> {
    this.refuseWhileClosing(id);
    await this.require(id).restartNow();
  }

  override async reset({ id }: ValidEntry): Promise<void> {
    this.refuseWhileClosing(id);
    await this.require(id).reset();
  }

  override versions(id: string): readonly ListedVersion[] {
    return this.plugins.get(id)?.target.versions ?? [];
  }

  override async chooseVersion({ id }: ValidEntry, digest: string | undefined): Promise<ValidEntry> {
    this.refuseWhileClosing(id);
    const plugin = this.plugins.get(id);
    const actor = this.require(id);
    const chosen = plugin?.target.choose(digest);
    if (plugin === undefined || chosen === undefined) throw justChanged(id);
    this.plugins.indexRoutes();
    await actor.update();
    const waitsFor = actor.updateWaitsFor;
    if (plugin.target.entry.digest === chosen.digest && waitsFor === null) return chosen;
    const why =
      waitsFor === null
        ? `was not taken: ${plugin.target.heldBecause ?? 'it did not become ready'}`
        : `waits: ${waitsFor}. It is tried again by itself.`;
    throw new AppError('plugin_start_failed', `Version ${chosen.metadata.version} ${why}`, { plugin: id });
  }

  override async request(id: string, request: HttpRequestV1, options: RuntimeRequestOptions): Promise<HttpResponseV1> {
    const channel = this.requireChannel(id);
    const { quarantine, requests } = this.require(id);
    const path = request.path.split('?', 1)[0] ?? '';
    quarantine?.check(request.method, path);
    const leave = requests?.enter(request.method, path);
    let answered = false;
    try {
      const response = await channel.http(request, options);
      answered = true;
      return response;
    } finally {
      leave?.(answered);
    }
  }

  override async kv(id: string, request: KvRequestV1, options: RuntimeRequestOptions): Promise<string | null> {
    return this.requireChannel(id).kv(request.action, request.key, request.value ?? null, options);
  }

  private require(id: string): PluginActor {
    const actor = this.plugins.get(id)?.actor;
    if (actor !== undefined) return actor;
    throw justChanged(id);
  }

  private requireChannel(id: string): PluginChannel {
    const channel = this.plugins.get(id)?.actor.channel;
    if (channel !== undefined) return channel;
    throw new AppError('plugin_unavailable', `The plugin ${id} is not running.`, { plugin: id, retryAfterSeconds: 1 });
  }

  /** @param id compared without case */
  serving(id: string): Serving | undefined {
    return this.plugins.get(id)?.serving;
  }

  /** @param segment the route without its slash */
  servingRoute(segment: string): Serving | undefined {
    return this.plugins.byRoute(segment)?.serving;
  }

  /** Looks after every plugin at once (SUP-1). */
  async checkHealth(): Promise<void> {
    await Promise.all(this.plugins.all().map(({ actor }) => actor.checkHealth()));
  }

  /** Stops all plugins in parallel and starts none any more (SUP-7). */
  async stopAll(): Promise<void> {
    await this.plugins.stopAll();
    await this.background.settle();
  }

  private refuseWhileClosing(id: string): void {
    if (!this.plugins.isClosing) return;
    throw new AppError('shutting_down', 'The host is shutting down. Try again when it is back.', { plugin: id });
  }
}

/** A connection that has just ended takes nothing. */
function isTaken(channel: PluginChannel, settings: JsonObject): boolean {
  try {
    return channel.applySettings(settings);
  } catch {
    return false;
  }
}

function justChanged(id: string): AppError {
  return new AppError('conflict', `The file of ${id} has just changed. Try again.`, { plugin: id });
}

const NEVER_RAN: RuntimeStatus = {
  state: 'disabled',
  reason: null,
  refusal: null,
  pid: null,
  startedAt: null,
  restarts: 0,
  consecutiveCrashes: 0,
  nextRetryAt: null,
  quarantined: [],
  version: null,
  digest: null,
};
