import {
  EVENT_NAME_V2,
  type EventV2,
  type FeatureV2,
  type InitV2,
  type JsonObject,
  type JsonValue,
  type LogV2,
  type UserV2,
} from '@toru/contracts';
import type { PeerConnection } from '@toru/protocol';
import { toJsonObject } from './json-values';
import { ConnectionKv, type KvClient } from './kv-client';
import { HostLicense, type PluginLicense } from './license';
import { createLogger, type Logger } from './logger';
import { FeatureUnavailableError } from './plugin-errors';

export type SettingsListener = (settings: JsonObject) => void | Promise<void>;

export interface EventEmitter {
  /**
   * Adds a row to the host's events, with the type `plugin.<name>`. False where the host does not keep up, and it was
   * dropped. Throws `TypeError` for a name that is not `^[a-z][a-z0-9_.-]{0,63}$`, and `FeatureUnavailableError`.
   */
  emit(name: string, data?: Readonly<Record<string, unknown>>): boolean;
}

/** What the host gives the plugin. */
export interface PluginContext {
  readonly pluginId: string;
  readonly instanceId: string;
  /** The plugin's own directory for files, which is the working directory as well. */
  readonly dataDir: string;
  /** What the host offers and the SDK uses: without `kv` or `event` those throw `FeatureUnavailableError`. */
  readonly features: ReadonlySet<string>;
  /** The newest settings, valid against the plugin's schema. Frozen; a change brings another object. */
  readonly settings: JsonObject;
  /** Calls back with each change of the settings, after `ctx.settings` has it. Gives what ends that. */
  readonly onSettingsChange: (listener: SettingsListener) => () => void;
  readonly license: PluginLicense;
  readonly kv: KvClient;
  readonly log: Logger;
  readonly events: EventEmitter;
  /** Aborts when the plugin is to end: for loops and streams that have no end of their own. */
  readonly stopping: AbortSignal;
}

/** The same, with what is known of one request. */
export interface RequestContext extends PluginContext {
  /** Who asks; null on a public path without a caller. */
  readonly user: UserV2 | null;
  /** The client's address. */
  readonly remote: string;
  /** `/<route>` where the client asked with the full path of a page, else empty. `request.url` never has it. */
  readonly base: string;
  readonly requestId: string;
}

export class HostContext implements PluginContext {
  readonly pluginId: string;
  readonly instanceId: string;
  readonly dataDir: string;
  readonly features: ReadonlySet<string>;
  readonly license: PluginLicense;
  readonly kv: KvClient;
  readonly log: Logger;
  readonly events: EventEmitter;
  settings: JsonObject;
  private readonly settingsListeners = new Set<{ readonly listener: SettingsListener }>();

  constructor(
    init: InitV2,
    connection: PeerConnection,
    readonly stopping: AbortSignal,
    features: readonly string[],
  ) {
    this.pluginId = init.plugin_id;
    this.instanceId = init.instance_id;
    this.dataDir = init.data_dir;
    this.features = new Set(features);
    this.settings = deepFrozen(init.settings);
    this.kv = new ConnectionKv(this.has('kv') ? connection : { kv: () => Promise.reject(unavailable('kv')) });
    this.log = createLogger((log) => (this.has('log') ? connection.log(log) : printLine(log)));
    this.license = new HostLicense({
      ...{ key: init.license_key, pluginId: init.plugin_id, instanceId: init.instance_id },
      warn: (message, fields) => this.log.warn(message, fields),
    });
    this.events = { emit: (name, data) => this.emit(connection, name, data) };
  }

  /** A property and no method: requests have contexts of their own, which inherit from this one. */
  readonly onSettingsChange = (listener: SettingsListener): (() => void) => {
    const entry = { listener };
    this.settingsListeners.add(entry);
    return () => void this.settingsListeners.delete(entry);
  };

  /** A listener that fails is logged, and keeps none of the others from hearing. */
  changeSettings(settings: JsonObject): void {
    this.settings = deepFrozen(settings);
    for (const { listener } of [...this.settingsListeners]) {
      const told = async (): Promise<void> => listener(this.settings);
      told().catch((error: unknown) => this.log.error('A listener for changes of the settings failed', { error }));
    }
  }

  private has(feature: FeatureV2): boolean {
    return this.features.has(feature);
  }

  private emit(connection: PeerConnection, name: string, data: Readonly<Record<string, unknown>> | undefined): boolean {
    if (!EVENT_NAME_V2.test(name)) throw new TypeError(`The name of an event must match ${EVENT_NAME_V2.source}`);
    if (!this.has('event')) throw unavailable('event');
    const event: EventV2 = { name, ...(data && { data: toJsonObject(data) }) };
    return connection.event(event);
  }
}

function unavailable(feature: FeatureV2): FeatureUnavailableError {
  return new FeatureUnavailableError(feature);
}

/** Where a host takes no log lines, it reads what the process prints. */
function printLine({ level, message, fields, error }: LogV2): boolean {
  console.error(JSON.stringify({ level, message, ...fields, ...(error !== undefined && { error }) }));
  return true;
}

function deepFrozen<T extends JsonValue>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values(value)) deepFrozen(item);
  return Object.freeze(value);
}
