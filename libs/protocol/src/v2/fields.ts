import type { JsonObject } from '@toru/contracts';
import { field } from '../json';

/** Readers of single fields: undefined where the field is absent or null, `false` where it is of another kind. */

export function optionalString(record: JsonObject, name: string): string | undefined | false {
  const value = field(record, name) ?? undefined;
  return value === undefined || typeof value === 'string' ? value : false;
}

/** A whole number of at least `min` that a double holds exactly. */
export function optionalInteger(record: JsonObject, name: string, min: number): number | undefined | false {
  const value = field(record, name) ?? undefined;
  return value === undefined || isInteger(value, min) ? value : false;
}

export function isInteger(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
}
