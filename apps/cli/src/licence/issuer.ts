import { randomUUID } from 'node:crypto';
import {
  dateOf,
  issueEd25519Licence,
  issueHmacLicence,
  type HmacSecret,
  type IssueResult,
  type SigningKey,
} from '@toru/licensing';

/** What keys are made with, which is also what says of which form they are. */
export type IssuingMaterial =
  | { readonly form: 'hmac'; readonly secret: HmacSecret }
  | { readonly form: 'ed25519'; readonly signingKey: SigningKey };

/** What one licence is to say; the texts are as the user wrote them. */
export interface LicenceOrder {
  readonly instance?: string | undefined;
  /** A date or `never`. */
  readonly expires?: string | undefined;
  readonly plugin?: string | undefined;
  readonly customer?: string | undefined;
  readonly id?: string | undefined;
  readonly issued?: string | undefined;
  /** A date, or `never`: every version, as without it. */
  readonly updatesUntil?: string | undefined;
  readonly features?: readonly string[] | undefined;
}

const NEVER = 'never';

/** What a member of an order is called on the command line. */
export type OrderNames = Readonly<Record<string, string>>;

/** Makes one key, or says what of the order is missing or wrong, by the names that the user knows. */
export function issueOrder(
  material: IssuingMaterial,
  order: LicenceOrder,
  { now, names }: { readonly now: Date; readonly names: OrderNames },
): IssueResult {
  const required = ['instance', 'expires', ...(material.form === 'ed25519' ? (['plugin', 'customer'] as const) : [])];
  const missing = required.find((field) => order[field as keyof LicenceOrder] === undefined);
  if (missing !== undefined) {
    const message = missing === 'expires' ? 'is missing: a date, or never' : 'is missing';
    return { ok: false, field: names[missing] ?? missing, message };
  }
  const { instance: instanceId = '', plugin = '', customer = '' } = order;
  const expires = orNull(order.expires);
  const result =
    material.form === 'hmac'
      ? issueHmacLicence({ secret: material.secret, instanceId, expires })
      : issueEd25519Licence({
          ...{ signingKey: material.signingKey, plugin, instanceId, customer, expires },
          id: order.id ?? randomUUID(),
          issued: order.issued ?? dateOf(now),
          updatesUntil: orNull(order.updatesUntil),
          features: order.features ?? [],
        });
  return result.ok ? result : { ...result, field: names[result.field] ?? result.field };
}

function orNull(date: string | undefined): string | null {
  return date === undefined || date === NEVER ? null : date;
}
