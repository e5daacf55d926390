import { isCustomer, isPluginId } from './ed25519-payload';
import { isInstanceId } from './licence';

/** What a customer asks a vendor for, in a file that goes by mail. */
export interface LicenceRequest {
  readonly plugin: string;
  readonly instanceId: string;
  readonly customer: string;
  /** The version of the plugin that the customer has. */
  readonly version?: string;
  readonly created: Date;
}

export type LicenceRequestResult =
  | { readonly ok: true; readonly request: LicenceRequest }
  /** `message` is a whole sentence without its subject, as in "has no customer …". */
  | { readonly ok: false; readonly message: string };

const FORMAT = 1;
const MAX_CHARACTERS = 65_536;
const VERSION = /^[^\p{Cc}\p{Cs}]{1,100}$/u;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** The file, with a line end. */
export function writeLicenceRequest({ plugin, instanceId, customer, version, created }: LicenceRequest): string {
  const request = { toru_licence_request: FORMAT, plugin, instance: instanceId, customer, version };
  return `${JSON.stringify({ ...request, created: created.toISOString() }, null, 2)}\n`;
}

/** Reads what came by mail: it proves nothing, and every member is looked at. */
export function parseLicenceRequest(text: string): LicenceRequestResult {
  if (text.length > MAX_CHARACTERS) return failed(`is longer than ${MAX_CHARACTERS} characters: it is no request`);
  const members = membersOf(text);
  if (members === undefined) return failed('is not JSON with one object: ask the customer to send the file as it is');
  const [plugin, instanceId, customer] = ['plugin', 'instance', 'customer'].map((name) => members.get(name));
  const format = members.get('toru_licence_request');
  if (format === undefined) return failed('has no member toru_licence_request: it is no request for a licence');
  if (format !== FORMAT) return failed(`is of another format than ${FORMAT}: use a newer toru`);
  if (typeof plugin !== 'string' || !isPluginId(plugin))
    return failed('has no plugin, or one that is no id of a plugin');
  if (typeof instanceId !== 'string' || !isInstanceId(instanceId)) {
    return failed('has no instance, or one that is no UUID v4 in lower case');
  }
  if (typeof customer !== 'string' || !isCustomer(customer)) {
    return failed('has no customer, or one that is not 1 to 200 characters without control characters');
  }
  const version = members.get('version');
  if (version !== undefined && (typeof version !== 'string' || !VERSION.test(version))) {
    return failed('has a version that is not 1 to 100 characters without control characters');
  }
  const created = timeOf(members.get('created'));
  if (created === undefined) return failed('has no time in created, as 2026-11-21T12:00:00Z');
  return { ok: true, request: { plugin, instanceId, customer, ...(version !== undefined && { version }), created } };
}

function membersOf(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value));
  } catch {
    return undefined;
  }
}

function timeOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !TIME.test(value)) return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function failed(message: string): LicenceRequestResult {
  return { ok: false, message };
}
