import { Injectable } from '@nestjs/common';
import type { KvAnswer, KvStoreName, Role } from '@toru/contracts';
import { AppError } from '../common';
import { KvService, type KvOperation } from '../kv';
import { PluginRuntime } from './plugin-runtime.port';
import { PluginsService } from './plugins.service';

/** How long a plugin may take for an operation on its own storage, in milliseconds. */
const PLUGIN_STORE_DEADLINE_MS = 10_000;

export interface PluginKvRequest extends KvOperation {
  readonly store: KvStoreName;
}

/** Who asks, and how long the answer is waited for. */
export interface PluginKvContext {
  readonly role: Role;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What plugins have stored: in the namespace that the host keeps for them (KV-7), or by themselves (KV-8). */
@Injectable()
export class PluginKvService {
  constructor(
    private readonly plugins: PluginsService,
    private readonly kv: KvService,
    private readonly runtime: PluginRuntime,
  ) {}

  /**
   * @throws AppError `plugin_not_found`, `plugin_invalid`, `plugin_disabled`, `forbidden`, what `KvService.execute` throws,
   * and for the store of a plugin what `PluginRuntime.kv` throws
   */
  async execute(id: string, { store, ...operation }: PluginKvRequest, context: PluginKvContext): Promise<KvAnswer> {
    const entry = this.plugins.requireEnabled(id);
    if (operation.action !== 'get' && context.role !== 'admin') {
      throw new AppError('forbidden', 'Only an admin may change what a plugin has stored.', { plugin: entry.id });
    }
    try {
      if (store === 'host') return await this.kv.execute(entry.id, operation);
      const { requestId, signal } = context;
      const options = { requestId, signal, deadlineMs: PLUGIN_STORE_DEADLINE_MS };
      return { value: await this.runtime.kv(entry.id, this.kv.check(operation), options) };
    } catch (error) {
      throw error instanceof AppError ? error.about(entry.id) : error;
    }
  }
}
