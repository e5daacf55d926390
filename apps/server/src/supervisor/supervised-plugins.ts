import { Injectable } from '@nestjs/common';
import { Catalogue, EnabledState, type RuntimeStatus, type ValidEntry } from '../plugins';
import { ActorFactory } from './actor-factory';
import { BackgroundWork } from './background-work';
import { Beginnings } from './beginnings';
import type { PluginActor } from './plugin-actor';
import type { PluginTarget } from './plugin-target';
import { ServingPlugin, type Serving } from './serving-plugin';
import { StartQueue } from './start-queue';

/** How long the others wait for a plugin that is slow to become ready, in milliseconds. */
const START_PATIENCE_MS = 1_000;

export interface SupervisedPlugin {
  readonly id: string;
  readonly target: PluginTarget;
  readonly actor: PluginActor;
  readonly serving: Serving;
}

/**
 * The plugins that there are to supervise: one actor for each valid entry of the catalogue, whatever changes there. What is
 * recorded as enabled is started when the host is, or when its file appears (LIF-4); what loses its file is stopped.
 */
@Injectable()
export class SupervisedPlugins {
  /** By ids in lower case. */
  private readonly plugins = new Map<string, SupervisedPlugin>();
  private readonly routes = new Map<string, SupervisedPlugin>();
  /** Whose file is gone and whose process has not ended yet. */
  private readonly departing = new Map<string, SupervisedPlugin>();
  private readonly starts = new StartQueue(START_PATIENCE_MS);
  private begun = false;
  private closing = false;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly enabled: EnabledState,
    private readonly actors: ActorFactory,
    private readonly beginnings: Beginnings,
    private readonly background: BackgroundWork,
  ) {}

  /** Ends what an earlier host has left (SUP-6), then reads the plugins directory. Nothing is started before `begin`. */
  async prepare(): Promise<void> {
    await this.beginnings.prepare();
    this.catalogue.onChange(() => {
      this.takeUpCatalogue();
    });
    await this.catalogue.scan();
  }

  /** From now on what is recorded as enabled is started, so many at once. */
  begin(parallel: number): void {
    this.begun = true;
    this.starts.parallel = parallel;
    for (const plugin of this.plugins.values()) this.startIfEnabled(plugin);
  }

  /** Whether the plugins directory was read since the host started. */
  get wasRead(): boolean {
    return this.catalogue.wasRead;
  }

  /** Whether all of them are stopped, or on their way to it, and none is started any more. */
  get isClosing(): boolean {
    return this.closing;
  }

  all(): SupervisedPlugin[] {
    return [...this.plugins.values()];
  }

  /** @param id compared without case */
  get(id: string): SupervisedPlugin | undefined {
    return this.plugins.get(id.toLowerCase());
  }

  /** @param segment the route without its slash, compared without case */
  byRoute(segment: string): SupervisedPlugin | undefined {
    return this.routes.get(segment.toLowerCase());
  }

  /** While it waits for its turn it is on its way up already, for whoever asks. */
  statusOf({ id, actor }: SupervisedPlugin): RuntimeStatus {
    const { status } = actor;
    const waits = status.state === 'disabled' && this.starts.has(id.toLowerCase()) && this.enabled.isEnabled(id);
    return waits ? { ...status, state: 'starting', reason: 'it waits for its turn to start' } : status;
  }

  /** To be called when another version of a plugin may be the one that is to run: its route may be another one. */
  indexRoutes(): void {
    this.routes.clear();
    for (const plugin of this.plugins.values()) {
      this.routes.set(plugin.target.entry.metadata.route.slice(1).toLowerCase(), plugin);
    }
  }

  /** Stops all of them in parallel and starts none any more (SUP-7). */
  async stopAll(): Promise<void> {
    this.closing = true;
    this.starts.clear();
    await Promise.all([this.catalogue.close(), ...this.all().map(({ actor }) => actor.stop())]);
  }

  private takeUpCatalogue(): void {
    if (this.closing) return;
    const valid = this.catalogue.list().filter((entry): entry is ValidEntry => entry.kind === 'valid');
    const gone = [...this.plugins.keys()].filter((key) => !valid.some((entry) => entry.id.toLowerCase() === key));
    for (const key of gone) this.remove(key);
    for (const entry of valid) this.take(entry);
    this.indexRoutes();
  }

  private take(entry: ValidEntry): void {
    const key = entry.id.toLowerCase();
    const known = this.plugins.get(key);
    if (known === undefined) {
      const plugin = this.returning(key) ?? this.create(entry);
      plugin.target.fileIs(entry);
      this.plugins.set(key, plugin);
      if (this.begun) this.startIfEnabled(plugin);
    } else if (known.target.fileIs(entry)) {
      // what gets ready meanwhile may be another version than the one whose routes are known
      const updated = known.actor.update().finally(() => this.indexRoutes());
      void this.background.run(entry.id, updated);
    }
  }

  private create(entry: ValidEntry): SupervisedPlugin {
    const target = this.beginnings.target(entry);
    const actor = this.actors.create(entry.id, target);
    const statusOf = (): RuntimeStatus => this.statusOf(plugin);
    const plugin = { id: entry.id, target, actor, serving: new ServingPlugin(actor, target, statusOf) };
    return plugin;
  }

  /** A file that comes back before its process has ended gets the same actor, which never has two processes (LIF-5). */
  private returning(key: string): SupervisedPlugin | undefined {
    const plugin = this.departing.get(key);
    this.departing.delete(key);
    return plugin;
  }

  /** The file is gone, or tells now that it is another plugin: its process is stopped, what is recorded of it stays. */
  private remove(key: string): void {
    const plugin = this.plugins.get(key);
    if (plugin === undefined) return;
    this.plugins.delete(key);
    this.departing.set(key, plugin);
    const gone = plugin.actor.stop().finally(() => {
      if (this.departing.get(key) === plugin) this.departing.delete(key);
    });
    void this.background.run(plugin.id, gone);
  }

  private startIfEnabled(plugin: SupervisedPlugin): void {
    const { id, actor } = plugin;
    if (!this.enabled.isEnabled(id)) return;
    this.starts.add(id.toLowerCase(), async () => {
      // it may have been disabled, or its file have gone, while it waited
      const isStill = this.get(id) === plugin && this.enabled.isEnabled(id) && !this.closing;
      if (isStill) await this.background.run(id, actor.startRecorded());
    });
  }
}
