/** All times are written like this (ADR 0004): any other text does not compare with them. */
const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** No clock is wrong by more, in milliseconds: a hundred years. */
const FARTHEST_MS = 100 * 365 * 86_400_000;
const SHOWN_CHARACTERS = 40;

export type StoredTime =
  | { readonly kind: 'none' }
  /** In milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly at: number }
  /** `why`: a clause with what is stored. */
  | { readonly kind: 'corrupt'; readonly why: string };

/**
 * What the database has as the highest time that was seen, which somebody may have edited or broken.
 * @param now what the clock shows, in milliseconds since the epoch
 */
export function readStoredTime(value: unknown, now: number): StoredTime {
  if (value === undefined) return { kind: 'none' };
  const shown = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN_CHARACTERS) : typeof value);
  const at = typeof value === 'string' && FORM.test(value) ? Date.parse(value) : NaN;
  // 30 February is parsed as a day of March
  if (Number.isNaN(at) || new Date(at).toISOString() !== value) return { kind: 'corrupt', why: `${shown} is no time` };
  if (at < 0) return { kind: 'corrupt', why: `${shown} is before 1970` };
  if (at > now + FARTHEST_MS) return { kind: 'corrupt', why: `${shown} is more than a hundred years ahead` };
  return { kind: 'time', at };
}
