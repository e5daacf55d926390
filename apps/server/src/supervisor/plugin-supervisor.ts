import { Injectable } from '@nestjs/common';
import type {
  HttpRequestV1,
  HttpResponseV1,
  JsonObject,
  KvRequestV1,
  LicenseOutcome,
  PluginBudget,
  PluginResources,
  PluginState,
  SettingsOutcome,
} from '@toru/contracts';
import { AppError, errorMessage } from '../common';
import {
  Catalogue,
  EnabledState,
  PluginRuntime,
  type ListedVersion,
  type CatalogueEntry,
  type RuntimeRequestOptions,
  type RuntimeStatus,
  type ValidEntry,
} from '../plugins';
import type { PluginChannel } from '../protocol';
import { ActorFactory } from './actor-factory';
import { Beginnings } from './beginnings';
import type { PluginActor } from './plugin-actor';
import type { PluginTarget } from './plugin-target';
import { StartQueue } from './start-queue';
import { ServingPlugin, type Serving } from './serving-plugin';
import { SupervisorJournal } from './supervisor-journal';

/** States of a plugin that does not serve, in which another licence key makes a difference at once. */
const MAY_REFUSE: readonly PluginState[] = ['failed', 'starting'];
/** How long the others wait for a plugin that is slow to become ready, in milliseconds. */
const START_PATIENCE_MS = 1_000;

interface Supervised {
  readonly id: string;
  readonly target: PluginTarget;
  readonly actor: PluginActor;
  readonly serving: Serving;
}

/**
 * Keeps one actor for each valid plugin of the catalogue and hands commands to it. There is no lock that two plugins
 * share: operations on different plugins run side by side (LIF-5).
 */
@Injectable()
export class PluginSupervisor extends PluginRuntime {
  private readonly plugins = new Map<string, Supervised>();
  private readonly routes = new Map<string, Supervised>();
  /** Whose file is gone and whose process has not ended yet. */
  private readonly departing = new Map<string, Supervised>();
  /** What goes on without anybody waiting for it. */
  private readonly background = new Set<Promise<void>>();
  private readonly starts = new StartQueue(START_PATIENCE_MS);
  private resourcesOf: (id: string) => PluginResources | null = () => null;
  private budgetsOf: (entry: ValidEntry) => readonly PluginBudget[] = () => [];
  private begun = false;
  private closing = false;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly enabled: EnabledState,
    private readonly actors: ActorFactory,
    private readonly journal: SupervisorJournal,
    private readonly beginnings: Beginnings,
  ) {
    super();
  }

  /**
   * Ends what an earlier host has left (SUP-6), then reads the plugins directory. Nothing is started before `begin`,
   * however often it is read.
   */
  async prepare(): Promise<void> {
    await this.beginnings.prepare();
    this.catalogue.onChange(() => {
      this.takeUpCatalogue();
    });
    await this.catalogue.scan();
  }

  /**
   * Starts what is recorded as enabled (LIF-4), now and whenever the directory is read again: so many at once, each of
   * which becomes ready in its own time, so that a slow one delays nobody.
   */
  begin(parallel: number): void {
    this.begun = true;
    this.starts.parallel = parallel;
    for (const plugin of this.plugins.values()) this.startIfEnabled(plugin);
  }

  override status(id: string): RuntimeStatus {
    const plugin = this.plugins.get(id.toLowerCase());
    return plugin === undefined ? { ...NEVER_RAN } : this.statusOf(plugin);
  }

  /** From then on a plugin's status has what it uses. */
  showResources(resourcesOf: (id: string) => PluginResources | null): void {
    this.resourcesOf = resourcesOf;
  }

  /** From then on it can be asked what a plugin may use. */
  showBudgets(budgetsOf: (entry: ValidEntry) => readonly PluginBudget[]): void {
    this.budgetsOf = budgetsOf;
  }

  override budgets(entry: ValidEntry): readonly PluginBudget[] {
    return this.budgetsOf(entry);
  }

  /** Whether the plugins directory was read since the host started. */
  get hasReadPlugins(): boolean {
    return this.catalogue.wasRead;
  }

  /** How many plugins are on their way up, those that wait for their turn included. */
  get starting(): number {
    return [...this.plugins.values()].filter((plugin) => this.statusOf(plugin).state === 'starting').length;
  }

  override async enable({ id }: ValidEntry): Promise<'enabled' | 'already_enabled'> {
    this.refuseWhileClosing(id);
    return this.require(id).enable();
  }

  override async disable({ id }: CatalogueEntry): Promise<'disabled' | 'already_disabled'> {
    this.refuseWhileClosing(id);
    const plugin = this.plugins.get(id.toLowerCase());
    if (plugin !== undefined) return plugin.actor.disable();
    const outcome = this.enabled.isEnabled(id) ? 'disabled' : 'already_disabled';
    await this.enabled.set(id, false);
    return outcome;
  }

  override applySettings(id: string, settings: JsonObject): SettingsOutcome {
    const plugin = this.plugins.get(id.toLowerCase());
    if (plugin === undefined || this.closing) return 'next_start';
    const { channel } = plugin.actor;
    if (channel !== undefined) return isTaken(channel, settings) ? 'live' : 'restart_required';
    if (plugin.actor.status.state !== 'failed' || !this.enabled.isEnabled(id)) return 'next_start';
    void this.inBackground(plugin.actor.startRecorded(), id);
    return 'started';
  }

  override licenceChanged(id: string): LicenseOutcome {
    const plugin = this.plugins.get(id.toLowerCase());
    if (plugin === undefined || this.closing) return 'next_start';
    const { actor, target } = plugin;
    const runs = actor.channel !== undefined;
    const isTried = runs ? target.waitsForKey : this.enabled.isEnabled(id) && MAY_REFUSE.includes(actor.state);
    // what gets ready may be another version than the one whose routes are known
    void this.inBackground(
      actor.licenceChanged().finally(() => this.indexRoutes()),
      id,
    );
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
    return this.plugins.get(id.toLowerCase())?.target.versions ?? [];
  }

  override async chooseVersion({ id }: ValidEntry, digest: string | undefined): Promise<ValidEntry> {
    this.refuseWhileClosing(id);
    const plugin = this.plugins.get(id.toLowerCase());
    const actor = this.require(id);
    const chosen = plugin?.target.choose(digest);
    if (plugin === undefined || chosen === undefined) throw justChanged(id);
    this.indexRoutes();
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
    const actor = this.plugins.get(id.toLowerCase())?.actor;
    if (actor !== undefined) return actor;
    throw justChanged(id);
  }

  private requireChannel(id: string): PluginChannel {
    const channel = this.plugins.get(id.toLowerCase())?.actor.channel;
    if (channel !== undefined) return channel;
    throw new AppError('plugin_unavailable', `The plugin ${id} is not running.`, { plugin: id, retryAfterSeconds: 1 });
  }

  /** @param id compared without case */
  serving(id: string): Serving | undefined {
    return this.plugins.get(id.toLowerCase())?.serving;
  }

  /** @param segment the route without its slash */
  servingRoute(segment: string): Serving | undefined {
    return this.routes.get(segment.toLowerCase())?.serving;
  }

  /** Looks after every plugin at once (SUP-1). */
  async checkHealth(): Promise<void> {
    await Promise.all([...this.plugins.values()].map(({ actor }) => actor.checkHealth()));
  }

  /** Stops all plugins in parallel and starts none any more (SUP-7). */
  async stopAll(): Promise<void> {
    this.closing = true;
    this.starts.clear();
    await Promise.all([this.catalogue.close(), ...[...this.plugins.values()].map(({ actor }) => actor.stop())]);
    await Promise.all(this.background);
  }

  private takeUpCatalogue(): void {
    if (this.closing) return;
    const valid = this.catalogue.list().filter((entry): entry is ValidEntry => entry.kind === 'valid');
    const gone = [...this.plugins.keys()].filter((key) => !valid.some((entry) => entry.id.toLowerCase() === key));
    for (const key of gone) this.remove(key);
    for (const entry of valid) this.take(entry);
    this.indexRoutes();
  }

  private indexRoutes(): void {
    this.routes.clear();
    for (const plugin of this.plugins.values()) {
      this.routes.set(plugin.target.entry.metadata.route.slice(1).toLowerCase(), plugin);
    }
  }

  private take(entry: ValidEntry): void {
    const key = entry.id.toLowerCase();
    const known = this.plugins.get(key);
    if (known === undefined) {
      const plugin = this.returning(key) ?? this.create(entry);
      plugin.target.fileIs(entry);
      this.plugins.set(key, plugin);
      if (this.begun) this.startIfEnabled(plugin);
    } else {
      const replaced = known.target.fileIs(entry);
      // what gets ready meanwhile may be another version than the one whose routes are known
      if (replaced)
        void this.inBackground(
          known.actor.update().finally(() => this.indexRoutes()),
          entry.id,
        );
    }
  }

  private startIfEnabled(plugin: Supervised): void {
    const { id, actor } = plugin;
    if (!this.enabled.isEnabled(id)) return;
    this.starts.add(id.toLowerCase(), async () => {
      // it may have been disabled, or its file have gone, while it waited
      const isStill = this.plugins.get(id.toLowerCase()) === plugin && this.enabled.isEnabled(id) && !this.closing;
      if (isStill) await this.inBackground(actor.startRecorded(), id);
    });
  }

  /** While it waits for its turn it is on its way up already, for whoever asks. */
  private statusOf({ id, actor }: Supervised): RuntimeStatus {
    const { status } = actor;
    const waits = status.state === 'disabled' && this.starts.has(id.toLowerCase()) && this.enabled.isEnabled(id);
    const resources = this.resourcesOf(id);
    return waits
      ? { ...status, state: 'starting', reason: 'it waits for its turn to start', resources }
      : { ...status, resources };
  }

  private create(entry: ValidEntry): Supervised {
    const target = this.beginnings.target(entry);
    const actor = this.actors.create(entry.id, target);
    const statusOf = (): RuntimeStatus => this.statusOf(plugin);
    const plugin: Supervised = { id: entry.id, target, actor, serving: new ServingPlugin(actor, target, statusOf) };
    return plugin;
  }

  /** A file that comes back before its process has ended gets the same actor, which never has two processes (LIF-5). */
  private returning(key: string): Supervised | undefined {
    const plugin = this.departing.get(key);
    this.departing.delete(key);
    return plugin;
  }

  /** The file is gone, or is no valid plugin any more: its process is stopped, what is recorded of it stays. */
  private remove(key: string): void {
    const plugin = this.plugins.get(key);
    if (plugin === undefined) return;
    this.plugins.delete(key);
    this.departing.set(key, plugin);
    const gone = plugin.actor.stop().finally(() => {
      if (this.departing.get(key) === plugin) this.departing.delete(key);
    });
    void this.inBackground(gone, plugin.id);
  }

  /** Resolves when it has come to its end; what goes wrong is written down. */
  private inBackground(work: Promise<void>, plugin: string): Promise<void> {
    const done = work
      .catch((error: unknown) => {
        this.journal.record({ plugin, action: 'error', message: errorMessage(error), level: 'error' });
      })
      .finally(() => this.background.delete(done));
    this.background.add(done);
    return done;
  }

  private refuseWhileClosing(id: string): void {
    if (!this.closing) return;
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
