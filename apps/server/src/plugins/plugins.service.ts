import { Injectable } from '@nestjs/common';
import type { LifecycleAnswer, PluginDetails, PluginList, PluginVersion } from '@toru/contracts';
import { AppError, Clock } from '../common';
import { EventsService } from '../events';
import { Catalogue } from './catalogue';
import type { CatalogueEntry, ValidEntry } from './catalogue-entry';
import { EnabledState } from './enabled-state.port';
import { invalidStatus, toDetails, toPluginVersion, toSummary, type PluginView } from './plugin.mapper';
import { PluginRuntime } from './plugin-runtime.port';

const RECENT_EVENTS = 20;

/** What a rescan found, by id. */
export interface RescanResult {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** The plugins as the REST API shows them: what is installed, what is enabled, how it does. */
@Injectable()
export class PluginsService {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly enabledState: EnabledState,
    private readonly runtime: PluginRuntime,
    private readonly events: EventsService,
    private readonly clock: Clock,
  ) {}

  list(): PluginList {
    const items = this.catalogue.list().map((entry) => toSummary(this.view(entry)));
    return { items, reading: this.catalogue.isReading, problem: this.catalogue.problem ?? null };
  }

  /** @throws AppError `plugin_not_found` */
  async details(id: string): Promise<PluginDetails> {
    return this.detailsOf(this.require(id));
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginRuntime.enable` throws */
  async enable(id: string): Promise<LifecycleAnswer> {
    const entry = this.requireValid(id);
    const outcome = await this.runtime.enable(entry);
    const { name } = entry.metadata;
    const message = outcome === 'enabled' ? `${name} is enabled and running.` : `${name} was enabled already.`;
    return { outcome, message, plugin: await this.detailsOf(entry) };
  }

  /** @throws AppError `plugin_not_found`, and what `PluginRuntime.disable` throws */
  async disable(id: string): Promise<LifecycleAnswer> {
    const entry = this.require(id);
    const outcome = await this.runtime.disable(entry);
    const name = entry.kind === 'valid' ? entry.metadata.name : entry.file;
    const message = outcome === 'disabled' ? `${name} is disabled.` : `${name} was disabled already.`;
    return { outcome, message, plugin: await this.detailsOf(entry) };
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginRuntime.restart` throws */
  async restart(id: string): Promise<LifecycleAnswer> {
    const entry = this.requireValid(id);
    await this.runtime.restart(entry);
    const message = `${entry.metadata.name} was restarted and is running.`;
    return { outcome: 'restarted', message, plugin: await this.detailsOf(entry) };
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginRuntime.reset` throws */
  async reset(id: string): Promise<LifecycleAnswer> {
    const entry = this.requireValid(id);
    await this.runtime.reset(entry);
    const plugin = await this.detailsOf(entry);
    const outlook =
      plugin.status === 'running' || plugin.status === 'unhealthy'
        ? 'It is running.'
        : plugin.status === 'disabled'
          ? 'It stays disabled.'
          : `It was tried again and is not running: ${plugin.reason ?? plugin.status}.`;
    return { outcome: 'reset', message: `The crashes of ${entry.metadata.name} are forgotten. ${outlook}`, plugin };
  }

  /**
   * Looks through the plugins directory again (SUP-9).
   * @param force asks files for their metadata again that took too long before
   */
  async rescan(force: boolean): Promise<RescanResult> {
    const { added, changed, removed } = await this.catalogue.scan({ insist: force });
    const ids = (entries: readonly CatalogueEntry[]): string[] => entries.map((entry) => entry.id);
    return { added: ids(added), changed: ids(changed.map((change) => change.after)), removed: ids(removed) };
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid` */
  versions(id: string): PluginVersion[] {
    return this.runtime.versions(this.requireValid(id).id).map(toPluginVersion);
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginRuntime.chooseVersion` throws */
  async rollback(id: string, digest?: string): Promise<LifecycleAnswer> {
    const entry = this.requireValid(id);
    const { metadata } = await this.runtime.chooseVersion(entry, digest);
    const plugin = await this.detailsOf(entry);
    const outlook = plugin.pid === null ? 'is what starts next' : 'runs';
    return { outcome: 'rolled_back', message: `Version ${metadata.version} of ${metadata.name} ${outlook}.`, plugin };
  }

  /** @throws AppError `plugin_not_found` */
  require(id: string): CatalogueEntry {
    const entry = this.catalogue.get(id);
    if (entry === undefined) {
      throw new AppError('plugin_not_found', `There is no plugin ${id}. GET /api/plugins lists those that are installed.`);
    }
    return entry;
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, `plugin_disabled` */
  requireEnabled(id: string): ValidEntry {
    const entry = this.requireValid(id);
    if (!this.enabledState.isEnabled(entry.id)) {
      throw new AppError('plugin_disabled', `${entry.metadata.name} is not enabled.`, { plugin: entry.id });
    }
    return entry;
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid` */
  requireValid(id: string): ValidEntry {
    const entry = this.require(id);
    if (entry.kind === 'valid') return entry;
    throw new AppError('plugin_invalid', `${entry.file} cannot run: ${entry.reason}.`, { plugin: entry.id });
  }

  /** @param id compared without case */
  findValid(id: string): ValidEntry | undefined {
    return this.valid().find((entry) => entry.id.toLowerCase() === id.toLowerCase());
  }

  /** Those that can run. */
  valid(): ValidEntry[] {
    return this.catalogue.list().filter((entry) => entry.kind === 'valid');
  }

  private async detailsOf(entry: CatalogueEntry): Promise<PluginDetails> {
    const { items } = await this.events.list({ pluginId: entry.id, page: 1, pageSize: RECENT_EVENTS });
    const budgets = entry.kind === 'valid' ? this.runtime.budgets(entry) : [];
    return toDetails({ ...this.view(entry), budgets }, items, this.clock.now());
  }

  private view(entry: CatalogueEntry): PluginView {
    return entry.kind === 'valid'
      ? { entry, enabled: this.enabledState.isEnabled(entry.id), status: this.runtime.status(entry.id) }
      : { entry, enabled: false, status: invalidStatus(entry.reason) };
  }
}
