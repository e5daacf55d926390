import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { LicenseOutcome, PluginLicense, PluginLicenseAnswer } from '@toru/contracts';
import { Mailboxes } from '../common';
import { EventsService } from '../events';
import { LicenceKeys, LicenceTerms, type FileChange } from '../licences';
import type { ValidEntry } from './catalogue-entry';
import { PluginRuntime } from './plugin-runtime.port';
import { PluginsService } from './plugins.service';

/** The licence keys of installed plugins: kept, shown as far as that may be, and brought to those that refused without. */
@Injectable()
export class LicensedPluginsService implements OnModuleInit {
  private readonly logger = new Logger('licences');
  /** What changes a plugin's key compares it with the one before: one change at a time, by id in lower case. */
  private readonly changes = new Mailboxes();

  constructor(
    private readonly plugins: PluginsService,
    private readonly keys: LicenceKeys,
    private readonly terms: LicenceTerms,
    private readonly runtime: PluginRuntime,
    private readonly events: EventsService,
  ) {}

  /** Before any plugin is started. */
  async onModuleInit(): Promise<void> {
    await this.takeUpFiles();
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, `storage_unavailable` */
  async get(id: string): Promise<PluginLicense> {
    return this.terms.of(this.plugins.requireValid(id).metadata);
  }

  /** Of those that have a key or need one. @throws AppError `storage_unavailable` */
  list(): Promise<PluginLicense[]> {
    return this.terms.among(this.plugins.valid().map(({ metadata }) => metadata));
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `LicenceKeys.enter` throws */
  async enter(id: string, key: string): Promise<PluginLicenseAnswer> {
    const entry = this.plugins.requireValid(id);
    return this.inTurn(entry.id, async () => {
      const isAnother = await this.keys.enter(entry.id, key);
      return this.answer(entry, isAnother, 'a licence key was entered');
    });
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `LicenceKeys.remove` throws */
  async remove(id: string): Promise<PluginLicenseAnswer> {
    const entry = this.plugins.requireValid(id);
    return this.inTurn(entry.id, async () => {
      const isAnother = await this.keys.remove(entry.id);
      return this.answer(entry, isAnother, 'the licence key that was entered was removed');
    });
  }

  /**
   * Takes up the files of keys that came, changed or went.
   * @param settleMs how long changed files must stay as they are before they are read, in milliseconds
   */
  async takeUpFiles(settleMs?: number, signal?: AbortSignal): Promise<void> {
    for (const change of await this.keys.refreshFiles(settleMs, signal)) {
      const problem = change.after?.problem;
      if (problem !== undefined) this.logger.warn(`${change.after?.name ?? ''} is no licence key: ${problem}`);
      await this.inTurn(change.plugin, () => this.takeUp(change));
    }
  }

  private async takeUp(change: FileChange): Promise<void> {
    const entry = this.plugins.findValid(change.plugin);
    // a key that was entered goes before the file, whatever becomes of that
    if (entry === undefined || (await this.keys.of(entry.id)).source === 'entered') return;
    if (change.before?.key === change.after?.key) return;
    this.changed(entry, await this.terms.of(entry.metadata), wordsFor(change));
  }

  private inTurn<T>(plugin: string, task: () => Promise<T>): Promise<T> {
    return this.changes.run(plugin.toLowerCase(), task);
  }

  private async answer(entry: ValidEntry, isAnother: boolean, message: string): Promise<PluginLicenseAnswer> {
    const license = await this.terms.of(entry.metadata);
    if (!isAnother) return { ...license, applied: 'unchanged' };
    return { ...license, applied: this.changed(entry, license, message) };
  }

  private changed({ id }: ValidEntry, { source, state, days_left }: PluginLicense, message: string): LicenseOutcome {
    // never the key, not even masked: an event is for everybody who may sign in
    this.events.record(id, 'license_changed', { message, source, state, days_left });
    return this.runtime.licenceChanged(id);
  }
}

function wordsFor({ before, after }: FileChange): string {
  const name = after?.name ?? before?.name ?? '';
  if (after === undefined) return `the licence file ${name} was removed`;
  if (after.problem !== undefined) return `the licence file ${name} is not used: ${after.problem}`;
  return before?.key === undefined ? `the licence file ${name} is used` : `the licence file ${name} has changed`;
}
