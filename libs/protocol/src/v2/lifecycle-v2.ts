import { DEFAULT_WINDOW_BYTES, MAX_FRAME_BYTES } from '@toru/contracts';
import type { FailedV2, InitV2, JsonObject, JsonValue, ReadyV2, SettingsV2, ShutdownV2 } from '@toru/contracts';
import { asRecord, asString, field } from '../json';
import { ProtocolError } from '../protocol-error';
import { optionalInteger } from './fields';

/** What of a reason is kept: people are to read it, and it is stored. */
const MAX_MESSAGE_CHARS = 1000;
const MAX_CODE_CHARS = 64;

/** Readers of `lifecycle` payloads (§3). They throw nothing but `ProtocolError` `invalid_lifecycle`. */

/** Absent fields become empty: a plugin is to run under a host that says less. Only the protocol must be there. */
export function decodeInitV2(payload: JsonObject | undefined): InitV2 {
  requireProtocol(payload);
  const limits = asRecord(payload, 'limits') ?? {};
  const maxFrame = optionalInteger(limits, 'max_frame', 1);
  const window = optionalInteger(limits, 'window', 1);
  if (maxFrame === false || window === false) return refuse('The limits in init must be positive integers');
  const licenseKey = asString(payload, 'license_key');
  return {
    protocol: 2,
    features: strings(field(payload, 'features')),
    plugin_id: asString(payload, 'plugin_id') ?? '',
    instance_id: asString(payload, 'instance_id') ?? '',
    plugin_socket: asString(payload, 'plugin_socket') ?? '',
    log_path: asString(payload, 'log_path') ?? '',
    data_dir: asString(payload, 'data_dir') ?? '',
    settings: asRecord(payload, 'settings') ?? {},
    license_key: licenseKey ?? null,
    limits: {
      max_frame: Math.min(maxFrame ?? MAX_FRAME_BYTES, MAX_FRAME_BYTES),
      window: window ?? DEFAULT_WINDOW_BYTES,
    },
  };
}

export function decodeReadyV2(payload: JsonObject | undefined): ReadyV2 {
  requireProtocol(payload);
  return { protocol: 2, features: strings(field(payload, 'features')) };
}

/**
 * A code that nobody knows counts as `internal`: it may be tried again. The message is never empty: without one it says
 * what came.
 */
export function decodeFailedV2(payload: JsonObject | undefined): FailedV2 {
  const code = field(payload, 'code');
  const known = code === 'license' || code === 'config' ? code : 'internal';
  const message = field(payload, 'message');
  const words = typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARS) : '';
  if (words.trim() !== '') return { code: known, message: words };
  const fields = [describe('code', code), describe('message', message)];
  return { code: known, message: `it said failed ${fields.join(' and ')}` };
}

function describe(name: string, value: JsonValue | undefined): string {
  if (value === undefined || value === null) return `without a ${name}`;
  if (typeof value !== 'string') return `with a ${name} that is no text`;
  return value.trim() === ''
    ? `with an empty ${name}`
    : `with the ${name} ${JSON.stringify(value.slice(0, MAX_CODE_CHARS))}`;
}

export function decodeShutdownV2(payload: JsonObject | undefined): ShutdownV2 {
  const grace = optionalInteger(payload ?? {}, 'grace_ms', 0);
  if (grace === false) return refuse('grace_ms must be a whole number');
  return { grace_ms: grace ?? 0 };
}

export function decodeSettingsV2(payload: JsonObject | undefined): SettingsV2 {
  const settings = asRecord(payload, 'settings');
  return settings ? { settings } : refuse('settings must be an object');
}

function requireProtocol(payload: JsonObject | undefined): void {
  if (field(payload, 'protocol') !== 2) refuse('The protocol must be 2');
}

function strings(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly JsonValue[]).filter((item) => typeof item === 'string');
}

function refuse(message: string): never {
  throw new ProtocolError('invalid_lifecycle', message);
}
