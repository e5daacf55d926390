import { Injectable } from '@nestjs/common';
import type { HttpResponseV1 } from '@toru/contracts';
import { AppError } from '../common';
import { Configuration } from '../config';
import { BundleFileError, MAX_BUNDLE_BYTES, readBundleFile } from './bundle-file';
import { PluginRuntime } from './plugin-runtime.port';
import { PluginsService } from './plugins.service';

/** How long the plugin may take for its bundle, in milliseconds; a file may stand in for it. */
const BUNDLE_DEADLINE_MS = 10_000;
const JAVASCRIPT = /^\s*(?:text|application)\/(?:x-)?(?:javascript|ecmascript)\s*(?:;|$)/i;

/** The JavaScript of the plugins' pages (FE-1). */
@Injectable()
export class PluginBundleService {
  constructor(
    private readonly plugins: PluginsService,
    private readonly runtime: PluginRuntime,
    private readonly configuration: Configuration,
  ) {}

  /**
   * The plugin's own answer to `GET /bundle.js`, else the file beside it.
   * @throws AppError `plugin_not_found`, `plugin_invalid`, `plugin_disabled`, `bundle_not_found`; where there is no file
   * and the plugin could not be asked, what stood in the way (`plugin_unavailable`, `plugin_timeout` …)
   */
  async load(id: string, requestId: string, signal: AbortSignal): Promise<Buffer> {
    const entry = this.plugins.requireEnabled(id);
    let failure: AppError | undefined;
    try {
      const own = await this.ask(entry.id, requestId, signal);
      if (own !== undefined) return own;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failure = error;
    }
    const file = await this.fromFile(entry.id);
    if (file !== undefined) return file;
    throw (
      failure ??
      new AppError('bundle_not_found', `${entry.id} answers GET /bundle.js with no JavaScript and has no bundle.js.`, {
        plugin: entry.id,
      })
    );
  }

  private async ask(id: string, requestId: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const request = { method: 'GET', path: '/bundle.js', headers: { accept: 'text/javascript' }, body: null };
    const response = await this.runtime.request(id, request, { requestId, signal, deadlineMs: BUNDLE_DEADLINE_MS });
    if (response.status >= 500) {
      throw new AppError('plugin_error', `The plugin answered GET /bundle.js with ${response.status}.`, { plugin: id });
    }
    if (response.status !== 200 || response.body === null || !isJavaScript(response)) return undefined;
    if (/\p{Surrogate}/u.test(response.body)) {
      throw new AppError('plugin_error', 'The bundle is text that has no form in UTF-8.', { plugin: id });
    }
    const bundle = Buffer.from(response.body, 'utf8');
    if (bundle.length > MAX_BUNDLE_BYTES) {
      throw new AppError('plugin_error', `The bundle is larger than ${MAX_BUNDLE_BYTES} bytes.`, { plugin: id });
    }
    return bundle;
  }

  private async fromFile(id: string): Promise<Buffer | undefined> {
    try {
      return await readBundleFile(this.configuration.pluginsDir, id);
    } catch (error) {
      if (!(error instanceof BundleFileError)) throw error;
      throw new AppError('bundle_not_found', `The bundle file of ${id} is not served: ${error.message}.`, {
        plugin: id,
        cause: error,
      });
    }
  }
}

/** Many plugins answer every path with their page: HTML or JSON is no bundle. Without a type it is taken for one. */
function isJavaScript(response: HttpResponseV1): boolean {
  if (response.bodyWasJson) return false;
  for (const [name, value] of response.headers) {
    if (name.toLowerCase() === 'content-type') return JAVASCRIPT.test(typeof value === 'string' ? value : (value[0] ?? ''));
  }
  return true;
}
