import type { JsonObject, WireErrorV2 } from '@toru/contracts';
import { asRecord, asString, field } from '@toru/protocol';

/** Fields of `data` (docs/protocol-v2.md#6-streams), read as leniently as they can be. */

export function streamNumberOf(payload: JsonObject | undefined): number | undefined {
  const stream = field(payload, 'stream');
  return typeof stream === 'number' && Number.isSafeInteger(stream) && stream > 0 ? stream : undefined;
}

export function creditOf(payload: JsonObject): number | undefined {
  const credit = field(payload, 'credit');
  return typeof credit === 'number' && Number.isSafeInteger(credit) && credit > 0 ? credit : undefined;
}

export function endOf(payload: JsonObject): boolean {
  return field(payload, 'end') === true;
}

export function errorOf(payload: JsonObject): WireErrorV2 | undefined {
  const error = asRecord(payload, 'error');
  return error && { code: asString(error, 'code') ?? 'error', message: asString(error, 'message') ?? '' };
}
