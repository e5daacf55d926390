import type { JsonObject } from '@toru/contracts';
import type { KvHandler } from './kv-handler';
import type { Metadata } from './metadata';
import type { PluginContext, RequestContext } from './plugin-context';
import type { Router } from './router';

export type HttpHandler = (request: Request, ctx: RequestContext) => Response | Promise<Response>;

/** What a plugin is and does; everything but the metadata may be left out. */
export interface PluginDefinition {
  readonly metadata: Metadata;
  /**
   * Before any request. `ConfigError` and `LicenseError` end the process with status 78, and the host does not try again;
   * any other error ends it with status 1.
   */
  readonly onInit?: (ctx: PluginContext) => void | Promise<void>;
  /** Every request below the plugin's route. `request.url` is the path below it, whichever way the request came in. */
  readonly http?: HttpHandler | Router;
  /** Keys that the plugin keeps itself, for the host to ask for. `ctx.kv` is something else: the host's storage. */
  readonly kv?: KvHandler;
  /** The settings have changed; `ctx.settings` are the new ones as well. */
  readonly onSettings?: (settings: JsonObject, ctx: PluginContext) => void | Promise<void>;
  /** Once, at the end, when nothing is in flight any more; also when the host is gone. */
  readonly onShutdown?: (ctx: PluginContext) => void | Promise<void>;
  /** The script of the page in the console, served as `/bundle.js`. */
  readonly bundle?: string;
}
