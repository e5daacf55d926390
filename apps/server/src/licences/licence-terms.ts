import { Injectable } from '@nestjs/common';
import type { LicenseState, LicenseTerms, PluginLicense } from '@toru/contracts';
import { daysLeft, inspectLicence, type LicenceTerms as InspectedTerms } from '@toru/licensing';
import { Clock } from '../common';
import { InstanceService } from '../identity';
import { maskKey } from './licence-key';
import { LicenceKeys, type HeldKey } from './licence-keys';

/** From so many days on a licence is about to end. */
const EXPIRING_DAYS = 30;

/** Whose licence it is: a plugin and what it declares. */
export interface Licensee {
  readonly id: string;
  readonly license: 'required' | 'none';
}

/** What the keys of plugins say of themselves, unverified: the host has no means to verify them. */
@Injectable()
export class LicenceTerms {
  constructor(
    private readonly keys: LicenceKeys,
    private readonly instance: InstanceService,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `storage_unavailable` */
  async of(plugin: Licensee): Promise<PluginLicense> {
    return this.view(plugin, await this.keys.of(plugin.id));
  }

  /** Of those of the plugins that have a key or a file, or need one. @throws AppError `storage_unavailable` */
  async among(plugins: readonly Licensee[]): Promise<PluginLicense[]> {
    const held = await this.keys.all();
    return plugins
      .map((plugin) => this.view(plugin, held.get(plugin.id.toLowerCase()) ?? NO_KEY))
      .filter(({ required, key, file }) => required || key !== null || file !== null);
  }

  /**
   * Days left of each key that ends, by plugin id in lower case, whether the plugin is installed or not: the last day counts,
   * 0 has ended. Keys that do not end or cannot be read are not there.
   * @throws AppError `storage_unavailable`
   */
  async daysLeft(): Promise<ReadonlyMap<string, number>> {
    const days = [...(await this.keys.all())].map(([plugin, { key }]) => [plugin, this.daysLeftOf(key)] as const);
    return new Map(days.filter((entry): entry is readonly [string, number] => entry[1] !== null));
  }

  private daysLeftOf(key: string | null): number | null {
    const terms = termsOf(key);
    return terms === undefined ? null : daysLeft(terms, new Date(this.clock.now()));
  }

  private view({ id, license }: Licensee, { key, source, enteredAt, file }: HeldKey): PluginLicense {
    const terms = termsOf(key);
    const days_left = this.daysLeftOf(key);
    const shown = terms === undefined ? null : toShownTerms(terms, this.instance.instanceId);
    return {
      ...{ plugin: id, required: license === 'required', source, entered_at: enteredAt },
      state: key === null ? 'none' : stateOf(id, shown, days_left),
      key: key === null ? null : maskKey(key),
      file: file === undefined ? null : { name: file.name, problem: file.problem ?? null },
      terms: shown,
      days_left,
    };
  }
}

const NO_KEY: HeldKey = { key: null, source: null, enteredAt: null, file: undefined };

function termsOf(key: string | null): InspectedTerms | undefined {
  if (key === null) return undefined;
  const inspection = inspectLicence(key);
  return inspection.ok ? inspection.terms : undefined;
}

function toShownTerms(terms: InspectedTerms, instanceId: string): LicenseTerms {
  return {
    form: terms.form,
    instance_id: terms.instanceId,
    this_instance: terms.instanceId === instanceId,
    expires: terms.expires,
    plugin: terms.plugin ?? null,
    id: terms.id ?? null,
    customer: terms.customer ?? null,
    issued: terms.issued ?? null,
    updates_until: terms.updatesUntil ?? null,
    features: terms.features,
  };
}

/** In the order in which a plugin would find fault with it. */
function stateOf(plugin: string, terms: LicenseTerms | null, days: number | null): LicenseState {
  if (terms === null) return 'unreadable';
  if (terms.plugin !== null && terms.plugin.toLowerCase() !== plugin.toLowerCase()) return 'other_plugin';
  if (!terms.this_instance) return 'other_instance';
  if (days === null) return 'valid';
  if (days === 0) return 'expired';
  return days <= EXPIRING_DAYS ? 'expiring' : 'valid';
}
