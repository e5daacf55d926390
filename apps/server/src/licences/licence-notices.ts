import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { EventsService } from '../events';
import { LicenceKeys } from './licence-keys';
import { LicenceStore } from './licence-store.port';
import { LicenceTerms } from './licence-terms';

/** At how many days left it is told that a licence ends; the last one is the day that it ends on. */
const NOTICE_DAYS = [30, 14, 7, 3, 1] as const;

/** Tells in time that licences end, each of these days once: not again after a restart, nor by a second host (LIC-5). */
@Injectable()
export class LicenceNotices {
  private readonly logger = new Logger('licences');

  constructor(
    private readonly keys: LicenceKeys,
    private readonly terms: LicenceTerms,
    private readonly store: LicenceStore,
    private readonly events: EventsService,
  ) {}

  /** @param plugins ids of those that it matters for. @throws AppError `storage_unavailable` */
  async check(plugins: readonly string[]): Promise<void> {
    const days = await this.terms.daysLeft();
    const ending = plugins.filter((plugin) => (days.get(plugin.toLowerCase()) ?? Infinity) <= NOTICE_DAYS[0]);
    for (const plugin of ending) await this.tell(plugin, days.get(plugin.toLowerCase()) ?? 0);
  }

  private async tell(plugin: string, days: number): Promise<void> {
    const { key } = await this.keys.of(plugin);
    if (key === null) return;
    const digest = createHash('sha256').update(key).digest('hex');
    const due = days === 0 ? 0 : (NOTICE_DAYS.findLast((notice) => days <= notice) ?? days);
    if (!(await this.store.claimNotice(plugin.toLowerCase(), digest, due))) return;
    const message = days === 0 ? 'its licence has ended' : `its licence ends ${inDays(days)}`;
    this.logger.warn(`${plugin}: ${message}`);
    this.events.record(plugin, days === 0 ? 'license_expired' : 'license_expiring', { message, days_left: days });
  }
}

function inDays(days: number): string {
  return days === 1 ? 'today, at midnight UTC' : `in ${days} days, today included`;
}
