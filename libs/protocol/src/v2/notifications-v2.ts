import { EVENT_NAME_V2, LOG_LEVELS_V2 } from '@toru/contracts';
import type { EventV2, JsonObject, LogV2 } from '@toru/contracts';
import { asRecord, asString, field, isWellFormed } from '../json';
import { ProtocolError } from '../protocol-error';

/** Readers of `log` and `event` (§9). They throw nothing but `ProtocolError` `invalid_notification`. */

export function decodeLogV2(payload: JsonObject | undefined): LogV2 {
  const level = LOG_LEVELS_V2.find((name) => name === field(payload, 'level'));
  const message = asString(payload, 'message');
  if (level === undefined) return refuse(`The level of a log must be one of ${LOG_LEVELS_V2.join(', ')}`);
  if (message === undefined || !isWellFormed(message)) return refuse('The message of a log must be text');
  const fields = asRecord(payload, 'fields');
  const error = field(payload, 'error');
  return { level, message, ...(fields && { fields }), ...(error !== undefined && { error }) };
}

export function decodeEventV2(payload: JsonObject | undefined): EventV2 {
  const name = asString(payload, 'name');
  if (name === undefined || !EVENT_NAME_V2.test(name)) {
    return refuse(`The name of an event must match ${EVENT_NAME_V2.source}`);
  }
  const data = asRecord(payload, 'data');
  return { name, ...(data && { data }) };
}

function refuse(message: string): never {
  throw new ProtocolError('invalid_notification', message);
}
