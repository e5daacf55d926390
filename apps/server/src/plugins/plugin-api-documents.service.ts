import { Injectable } from '@nestjs/common';
import type { HttpResponseV1, JsonObject } from '@toru/contracts';
import { SESSION_COOKIE } from '../access';
import { AppError } from '../common';
import { DocumentError, placeDocument } from './plugin-api-document';
import { PluginRuntime, type RuntimeRequestOptions } from './plugin-runtime.port';
import { PluginsService } from './plugins.service';

/** How long a plugin may take for its document, in milliseconds. */
const DEADLINE_MS = 10_000;
/** And when it is only asked whether it has one, for the page that lists them all. */
const GLANCE_MS = 1_500;

const SECURITY_SCHEMES = {
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
  token: { type: 'http', scheme: 'bearer', description: 'An API token: `tsc_…`' },
};

/** A plugin that publishes a document, good or not. */
export interface PublishedDocument {
  readonly id: string;
  /** Of the plugin. */
  readonly name: string;
}

/** The OpenAPI documents that plugins publish at `GET <route>/openapi.json` (API-5). */
@Injectable()
export class PluginApiDocuments {
  constructor(
    private readonly plugins: PluginsService,
    private readonly runtime: PluginRuntime,
  ) {}

  /**
   * The document of a plugin, asked for now.
   * @throws AppError `plugin_not_found`, `plugin_invalid`, `plugin_disabled`; `not_found` where it publishes none;
   * `plugin_error` where what it publishes is none; and what stood in the way (`plugin_unavailable`, `plugin_timeout` …)
   */
  async load(id: string, requestId: string, signal: AbortSignal): Promise<JsonObject> {
    const entry = this.plugins.requireEnabled(id);
    const { id: plugin } = entry;
    const { status, body } = await this.ask(plugin, { requestId, signal, deadlineMs: DEADLINE_MS });
    if (status >= 500) {
      throw new AppError('plugin_error', `The plugin answered GET /openapi.json with ${status}.`, { plugin });
    }
    if (status !== 200 || body === null) {
      throw new AppError('not_found', `${plugin} publishes no document: GET /openapi.json answered ${status}.`, { plugin });
    }
    try {
      const prefix = `/api/plugins/route${entry.metadata.route}`;
      return placeDocument(body, { prefix, securitySchemes: structuredClone(SECURITY_SCHEMES) });
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      throw new AppError('plugin_error', `The document of ${plugin} is not shown: ${error.message}.`, { plugin });
    }
  }

  /** Those who publish one and answer within a moment; one that is refused is among them, so that its author sees why. */
  async published(requestId: string): Promise<PublishedDocument[]> {
    const running = this.plugins.list().items.filter(({ status }) => status === 'running');
    const publish = await Promise.all(running.map(({ id }) => this.publishes(id, requestId)));
    return running.filter((_, index) => publish[index] === true).map(({ id, name }) => ({ id, name }));
  }

  private async publishes(id: string, requestId: string): Promise<boolean> {
    try {
      const options = { requestId, signal: AbortSignal.timeout(GLANCE_MS), deadlineMs: GLANCE_MS };
      const { status, body } = await this.ask(id, options);
      // many plugins answer every path with their page
      return status === 200 && body?.trimStart().startsWith('{') === true;
    } catch {
      return false;
    }
  }

  private ask(id: string, options: RuntimeRequestOptions): Promise<HttpResponseV1> {
    const headers = { accept: 'application/json' };
    return this.runtime.request(id, { method: 'GET', path: '/openapi.json', headers, body: null }, options);
  }
}
