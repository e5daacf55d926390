import {
  verifyEd25519Licence,
  verifyHmacLicence,
  type Ed25519PublicKey,
  type HmacSecret,
  type LicenceForm,
  type LicenceReason,
  type LicenceTerms,
  type Verdict,
} from '@toru/licensing';
import { ConfigError, LicenseError } from './plugin-errors';

/** What a plugin embeds to verify keys with: the secret of the first form, or the vendor's public keys of the second. */
export type LicenseCheck =
  | { readonly secret: HmacSecret }
  | {
      /** 32 bytes each, or their padded Base64; several while a vendor goes from one to the next. */
      readonly publicKeys: readonly Ed25519PublicKey[];
      /** When this version was released, `YYYY-MM-DD`: a licence may cover versions up to a day. */
      readonly released?: string;
    };

/** What a key says that holds. Dates are `YYYY-MM-DD` and count to the end of that day in UTC. */
export interface Licence {
  readonly form: LicenceForm;
  readonly instanceId: string;
  /** Null: never. */
  readonly expires: string | null;
  /** Of the second form, as are the next three. */
  readonly id?: string;
  readonly customer?: string;
  readonly issued?: string;
  /** Null: every version. */
  readonly updatesUntil?: string | null;
  /** Empty in the first form. */
  readonly features: readonly string[];
  has(feature: string): boolean;
}

/** The licence key that the host has for this plugin. It is looked at when the plugin asks, in `onInit`, and never again. */
export interface PluginLicense {
  /** As it was entered; null: there is none. */
  readonly key: string | null;
  /** Throws `LicenseError` with the reason where there is no key or it does not hold, and `ConfigError` for a wrong check. */
  require(check: LicenseCheck): Licence;
  /** Null where there is no key or it does not hold; the latter is logged. Throws `ConfigError` for a wrong check. */
  optional(check: LicenseCheck): Licence | null;
}

interface LicenseHolder {
  readonly key: string | null;
  readonly pluginId: string;
  readonly instanceId: string;
  readonly warn: (message: string, fields: { readonly reason: LicenceReason }) => void;
}

const NO_KEY: Verdict = {
  ok: false,
  reason: 'missing',
  message: "There is no licence key for this plugin: enter its vendor's",
};

export class HostLicense implements PluginLicense {
  readonly key: string | null;
  readonly #holder: LicenseHolder;

  constructor(holder: LicenseHolder) {
    this.key = holder.key;
    this.#holder = holder;
    Object.freeze(this);
  }

  require(check: LicenseCheck): Licence {
    const verdict = this.#verdict(check);
    if (verdict.ok) return licenceOf(verdict.terms);
    throw new LicenseError(textOf(verdict), verdict.reason);
  }

  optional(check: LicenseCheck): Licence | null {
    const verdict = this.#verdict(check);
    if (verdict.ok) return licenceOf(verdict.terms);
    const { reason } = verdict;
    if (reason !== 'missing') this.#holder.warn(`The plugin goes on without a licence. ${textOf(verdict)}`, { reason });
    return null;
  }

  #verdict(check: LicenseCheck): Verdict {
    const { key, pluginId, instanceId } = this.#holder;
    const now = new Date();
    try {
      const { secret, publicKeys, released } = oneForm(check);
      // verified without a key as well: a wrong check is seen at the first start, and not by the first customer
      const verdict =
        secret === undefined
          ? verifyEd25519Licence(key ?? '', { publicKeys, pluginId, instanceId, released, now })
          : verifyHmacLicence(key ?? '', { secret, instanceId, now });
      return key === null ? NO_KEY : verdict;
    } catch (error) {
      if (error instanceof TypeError)
        throw new ConfigError(`The licence check of the plugin is wrong: ${error.message}`);
      throw error;
    }
  }
}

interface GivenCheck {
  readonly secret?: HmacSecret;
  readonly publicKeys?: readonly Ed25519PublicKey[];
  readonly released?: string;
}

/** Plugins in JavaScript have no compiler that tells them. */
function oneForm({ secret, publicKeys, released }: GivenCheck): GivenCheck & Required<Pick<GivenCheck, 'publicKeys'>> {
  if ((secret === undefined) === (publicKeys === undefined)) {
    throw new TypeError('give a secret or public keys, one of the two');
  }
  if (publicKeys === undefined) return { secret: secret ?? '', publicKeys: [] };
  if (!Array.isArray(publicKeys)) throw new TypeError('the public keys are a list, of one key too');
  return { publicKeys, ...(released !== undefined && { released }) };
}

function textOf({ message, reason }: Extract<Verdict, { readonly ok: false }>): string {
  return `${message} (reason: ${reason}).`;
}

function licenceOf({ plugin: _, ...terms }: LicenceTerms): Licence {
  return Object.freeze({ ...terms, has: (feature: string) => terms.features.includes(feature) });
}
