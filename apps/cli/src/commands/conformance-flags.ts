import type { JsonObject, ProtocolVersion } from '@toru/contracts';
import { isInstanceId } from '@toru/licensing';
import { InvalidArgumentError } from 'commander';

export const byCommas = (value: string): readonly string[] => value.split(',');

export function parseProtocol(value: string): ProtocolVersion {
  if (value !== '1' && value !== '2') throw new InvalidArgumentError('It is 1 or 2.');
  return value === '1' ? 1 : 2;
}

export function parseMilliseconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 600_000) {
    throw new InvalidArgumentError('It is a whole number of milliseconds from 1 to 600000.');
  }
  return number;
}

export function parseInstanceId(value: string): string {
  if (!isInstanceId(value))
    throw new InvalidArgumentError('It is a UUID v4 in lower case, as `toru instance` shows it.');
  return value;
}

export function parsePath(value: string): string {
  if (!value.startsWith('/') || value.includes('?')) {
    throw new InvalidArgumentError("It begins with / and has no query; the plugin's own route is left out.");
  }
  return value;
}

export function parseVariable(value: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It has the form NAME=value.');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

export function parseSettings(value: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw new InvalidArgumentError('It is not JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new InvalidArgumentError('It is not a JSON object.');
  }
  return parsed as JsonObject;
}
