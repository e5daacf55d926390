import { EVENT_NAME_V2, type InitV2, type JsonObject, type UserV2 } from '@toru/contracts';
import type { PeerConnection } from '@toru/protocol';
import { toJsonObject } from './json-values';
import { ConnectionKv, type KvClient } from './kv-client';
import { createLogger, type Logger } from './logger';

export interface EventEmitter {
  /**
   * Adds a row to the host's events, with the type `plugin.<name>`. False where the host does not keep up, and it was
   * dropped. Throws `TypeError` for a name that is not `^[a-z][a-z0-9_.-]{0,63}$`.
   */
  emit(name: string, data?: Readonly<Record<string, unknown>>): boolean;
}

/** What the host gives the plugin. */
export interface PluginContext {
  readonly pluginId: string;
  readonly instanceId: string;
  /** The plugin's own directory for files, which is the working directory as well. */
  readonly dataDir: string;
  /** The newest settings, valid against the plugin's schema. */
  readonly settings: JsonObject;
  readonly license: { readonly key: string | null };
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
  readonly license: { readonly key: string | null };
  readonly kv: KvClient;
  readonly log: Logger;
  readonly events: EventEmitter;
  settings: JsonObject;

  constructor(
    init: InitV2,
    connection: PeerConnection,
    readonly stopping: AbortSignal,
  ) {
    this.pluginId = init.plugin_id;
    this.instanceId = init.instance_id;
    this.dataDir = init.data_dir;
    this.settings = init.settings;
    this.license = Object.freeze({ key: init.license_key });
    this.kv = new ConnectionKv(connection);
    this.log = createLogger((log) => connection.log(log));
    this.events = {
      emit: (name, data) => {
        if (!EVENT_NAME_V2.test(name)) throw new TypeError(`The name of an event must match ${EVENT_NAME_V2.source}`);
        return connection.event({ name, ...(data && { data: toJsonObject(data) }) });
      },
    };
  }
}
