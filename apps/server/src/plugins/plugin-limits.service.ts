import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { HttpLimits, JsonValue, PluginLimits as PluginLimitsView, PluginMetadata } from '@toru/contracts';
import { readHttpLimits } from '@toru/protocol';
import { AppError, Clock, errorMessage, timestamp, type Cancel } from '../common';
import { Configuration } from '../config';
import { EventsService } from '../events';
import { PluginLimitsStore, type StoredLimits } from './plugin-limits-store.port';
import { hostLimits, PluginLimits } from './request-limits';

/** How soon a change that another host on the same database has made is seen here (ms). */
const REFRESH_INTERVAL_MS = 3_000;

/** Whose limits are asked for. */
type LimitsOwner = Pick<PluginMetadata, 'id' | 'name' | 'protocol' | 'http'>;

/** How requests to plugins are bounded: what administrators have set, plugins propose, and the host's settings say. */
@Injectable()
export class PluginLimitsService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(PluginLimitsService.name);
  /** By id in lower case, as the database has them: no request may wait for it. */
  private stored = new Map<string, StoredLimits>();
  /** By the metadata's object, which lives as long as that version of the plugin. */
  private resolved = new WeakMap<LimitsOwner, PluginLimits>();
  private writes = 0;
  private isRefreshFailing = false;
  private isStopped = false;
  private cancel: Cancel = () => undefined;

  constructor(
    private readonly store: PluginLimitsStore,
    private readonly configuration: Configuration,
    private readonly events: EventsService,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.stored = new Map(await this.store.all());
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** What holds for a plugin's requests now. */
  of(owner: LimitsOwner): PluginLimits {
    const known = this.resolved.get(owner);
    if (known !== undefined) return known;
    const set = this.stored.get(keyOf(owner))?.limits ?? {};
    const host = hostLimits(this.configuration, owner.protocol);
    const limits = new PluginLimits(set, owner.http ?? {}, host, owner.protocol);
    this.resolved.set(owner, limits);
    return limits;
  }

  view(owner: LimitsOwner): PluginLimitsView {
    const stored = this.stored.get(keyOf(owner));
    return {
      plugin: owner.id,
      set: stored?.limits ?? {},
      proposed: owner.http ?? {},
      host: hostLimits(this.configuration, owner.protocol),
      effective: this.of(owner).summary,
      revision: stored?.revision ?? 0,
      updated_at: stored?.updatedAt ?? null,
    };
  }

  /**
   * Sets all limits of a plugin anew; they hold from the next request on.
   * @param ifRevision the revision that the caller has seen, where it matters
   * @throws AppError `validation_failed`, `conflict`, `storage_unavailable`
   */
  async replace(owner: LimitsOwner, limits: JsonValue, ifRevision?: number): Promise<PluginLimitsView> {
    const read = readHttpLimits(limits, { strict: true });
    if (!read.ok) {
      const errors = read.errors.map(({ path, message }) => ({ path: path === '' ? 'limits' : `limits.${path}`, message }));
      throw new AppError('validation_failed', 'These limits cannot be set; nothing was changed.', {
        ...{ plugin: owner.id, errors },
      });
    }
    await this.write(owner, read.limits, ifRevision);
    this.events.record(owner.id, 'limits_changed', { limits: Object.keys(read.limits) });
    return this.view(owner);
  }

  /** Nobody waits for it: what is known stays in force while the database is away. */
  private async refresh(): Promise<void> {
    const writes = this.writes;
    const stored = new Map(await this.store.all());
    // what was read may be older than what was written here meanwhile
    if (writes !== this.writes || isSame(stored, this.stored)) return;
    this.stored = stored;
    this.resolved = new WeakMap();
  }

  private schedule(): void {
    this.cancel = this.clock.setTimeout(() => {
      void this.refresh()
        .then(
          () => (this.isRefreshFailing = false),
          (error: unknown) => {
            if (!this.isRefreshFailing) this.logger.warn(`Limits of plugins stay as they were: ${errorMessage(error)}`);
            this.isRefreshFailing = true;
          },
        )
        .then(() => {
          if (!this.isStopped) this.schedule();
        });
    }, REFRESH_INTERVAL_MS);
  }

  private async write(owner: LimitsOwner, limits: HttpLimits, ifRevision: number | undefined): Promise<void> {
    const key = keyOf(owner);
    const now = timestamp(this.clock.now());
    // another host may have written: what the database has counts
    const revision = (await this.store.all()).get(key)?.revision ?? 0;
    const isSeen = ifRevision === undefined || ifRevision === revision;
    if (!isSeen || !(await this.store.replace(key, limits, revision, now))) {
      const detail = 'Somebody else has changed the limits meanwhile. Load them again, then change them.';
      throw new AppError('conflict', detail, { plugin: owner.id });
    }
    this.writes += 1;
    this.stored.set(key, { limits, revision: revision + 1, updatedAt: now });
    this.resolved = new WeakMap();
  }
}

function keyOf({ id }: LimitsOwner): string {
  return id.toLowerCase();
}

function isSame(one: ReadonlyMap<string, StoredLimits>, other: ReadonlyMap<string, StoredLimits>): boolean {
  return (
    one.size === other.size &&
    [...one].every(([key, { revision, updatedAt }]) => {
      const known = other.get(key);
      return known?.revision === revision && known.updatedAt === updatedAt;
    })
  );
}
