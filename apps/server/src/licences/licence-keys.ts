import { Injectable } from '@nestjs/common';
import type { LicenseSource } from '@toru/contracts';
import { AppError, Clock, timestamp } from '../common';
import type { LicenceFile } from './licence-file';
import { LicenceFiles, type FileChange } from './licence-files';
import { parseKey } from './licence-key';
import { LicenceStore, type EnteredKey } from './licence-store.port';

/** What there is of keys for one plugin. */
export interface HeldKey {
  /** The one that the plugin gets. */
  readonly key: string | null;
  readonly source: LicenseSource | null;
  /** RFC 3339 in UTC, of a key that was entered. */
  readonly enteredAt: string | null;
  /** The file beside the plugin, whether it is used or not. */
  readonly file: LicenceFile | undefined;
}

/**
 * The licence key of each plugin: what somebody has entered goes before the file beside the plugin (ADR 0020). Ids are
 * compared without case. Methods throw AppError `storage_unavailable`.
 */
@Injectable()
export class LicenceKeys {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: LicenceStore,
    private readonly files: LicenceFiles,
    private readonly clock: Clock,
  ) {}

  async of(plugin: string): Promise<HeldKey> {
    const id = plugin.toLowerCase();
    return held(await this.store.read(id), this.files.of(id));
  }

  /** Of every plugin for which there is a key or a file, by its id in lower case. */
  async all(): Promise<ReadonlyMap<string, HeldKey>> {
    const entered = await this.store.list();
    const ids = new Set([...entered.keys(), ...this.files.plugins]);
    return new Map([...ids].map((id) => [id, held(entered.get(id), this.files.of(id))]));
  }

  /** @returns whether the plugin's key is another one now. @throws AppError `validation_failed` */
  async enter(plugin: string, text: string): Promise<boolean> {
    const parsed = parseKey(text);
    if (!parsed.ok) {
      throw new AppError('validation_failed', `The licence key is not valid: ${parsed.problem}.`, {
        ...{ plugin, errors: [{ path: 'key', message: parsed.problem }] },
      });
    }
    const before = await this.of(plugin);
    await this.store.write(plugin.toLowerCase(), { key: parsed.key, enteredAt: timestamp(this.clock.now()) });
    this.notify();
    return before.key !== parsed.key;
  }

  /** Forgets what was entered. @returns whether the plugin's key is another one now. @throws AppError `not_found` */
  async remove(plugin: string): Promise<boolean> {
    const before = await this.of(plugin);
    if (before.source !== 'entered') {
      const hint = before.file === undefined ? '' : ` Its key is in the file ${before.file.name}; remove that instead.`;
      throw new AppError('not_found', `No licence key was entered for ${plugin}.${hint}`, { plugin });
    }
    await this.store.remove(plugin.toLowerCase());
    this.notify();
    return before.key !== (before.file?.key ?? null);
  }

  /**
   * Looks at the files again.
   * @param settleMs how long changed files must stay as they are before they are read, in milliseconds
   */
  async refreshFiles(settleMs?: number, signal?: AbortSignal): Promise<readonly FileChange[]> {
    const changes = await this.files.refresh(settleMs, signal);
    if (changes.length > 0) this.notify();
    return changes;
  }

  /** Calls back after each change of a key or a file. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

function held(entered: EnteredKey | undefined, file: LicenceFile | undefined): HeldKey {
  if (entered !== undefined) return { key: entered.key, source: 'entered', enteredAt: entered.enteredAt, file };
  const key = file?.key ?? null;
  return { key, source: key === null ? null : 'file', enteredAt: null, file };
}
