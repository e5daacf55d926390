import { DOCUMENT } from '@angular/common';
import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom, fromEvent, takeUntil } from 'rxjs';
import { pluginUrl } from '../../core/api/plugins-api';
import { bundleFormat } from './bundle-format';
import type { PluginFrontend } from './plugin-api';
import { clearRegistration, exportedFrontend, registeredFrontend } from './plugin-registry';
import { ScriptRunner } from './script-runner';

interface LoadedBundle {
  readonly version: string;
  readonly frontend: PluginFrontend;
}

/** Loads plugins' bundles, each version once: running one twice would run its side effects twice (FE-2). */
@Injectable({ providedIn: 'root' })
export class BundleLoader {
  private readonly http = inject(HttpClient);
  private readonly scripts = inject(ScriptRunner);
  private readonly window = inject(DOCUMENT).defaultView;
  private readonly loaded = new Map<string, LoadedBundle>();
  /** Browsers remember a module that failed under its address, so that each new try needs another one. */
  private failures = 0;

  /** Rejects with an ApiError when the host has no bundle to give, and with an Error when it cannot be used. */
  async load(id: string, signal: AbortSignal): Promise<PluginFrontend> {
    const url = `${pluginUrl(id)}/bundle.js`;
    const { source, version } = await this.fetch(url, signal);
    const known = this.loaded.get(id);
    if (known?.version === version) return known.frontend;
    const attempt = this.failures === 0 ? '' : `&attempt=${this.failures}`;
    try {
      const frontend = await this.run(id, source, `${url}?v=${encodeURIComponent(version)}${attempt}`);
      this.loaded.set(id, { version, frontend });
      return frontend;
    } catch (error) {
      this.loaded.delete(id);
      this.failures += 1;
      throw error;
    }
  }

  private async fetch(url: string, signal: AbortSignal): Promise<{ source: string; version: string }> {
    const response = await firstValueFrom(
      this.http.get(url, { responseType: 'text', observe: 'response' }).pipe(takeUntil(fromEvent(signal, 'abort'))),
    );
    const source = response.body ?? '';
    return { source, version: response.headers.get('ETag') ?? fingerprint(source) };
  }

  private async run(id: string, source: string, url: string): Promise<PluginFrontend> {
    const global = this.window ?? globalThis;
    clearRegistration(global, id);
    let frontend: PluginFrontend | undefined;
    if (bundleFormat(source) === 'module') frontend = exportedFrontend(await this.scripts.import(url));
    else await this.scripts.run(url);
    frontend ??= registeredFrontend(global, id);
    if (!frontend) {
      throw new Error(
        `The bundle registers no page: it neither exports mount, nor sets window.ToruPlugins["${id}"] ` +
          `or window.toru_plugin_${id.replaceAll('-', '_')} to an object with mount.`,
      );
    }
    return frontend;
  }
}

/** FNV-1a, 32 bit: enough to tell two versions apart where the host sends no ETag. */
function fingerprint(source: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < source.length; index += 1) {
    hash = Math.imul(hash ^ source.charCodeAt(index), 0x01000193);
  }
  return `${source.length}-${(hash >>> 0).toString(16)}`;
}
