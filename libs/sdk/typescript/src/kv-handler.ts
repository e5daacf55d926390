import type { KvAnswerV2, KvRequestV2, WireErrorV2 } from '@toru/contracts';
import { KvRefusedError } from '@toru/protocol';
import type { KvResults, KvSetOptions } from './kv-client';
import type { PluginContext } from './plugin-context';

type Awaitable<T> = T | Promise<T>;

/**
 * Keys that the plugin keeps itself, for the host to ask for (protocol v2 §8). What is left out, is refused, with
 * `invalid_request`. Throw `KvRefusedError` to refuse; any other error is logged and answered with `storage_unavailable`.
 */
export interface KvHandler {
  /** The value, or null where there is no such key; with its revision where the plugin counts them. */
  get?(key: string, ctx: PluginContext): Awaitable<string | null | KvResults['get']>;
  /** Gives the new revision where the plugin counts them. */
  set?(
    key: string,
    value: string,
    options: KvSetOptions,
    ctx: PluginContext,
  ): Awaitable<number | undefined> | Awaitable<void>;
  /** Whether there was such a key. */
  delete?(key: string, options: Pick<KvSetOptions, 'ifRevision'>, ctx: PluginContext): Awaitable<boolean>;
}

type Answer = KvAnswerV2 | { readonly error: WireErrorV2 };

/** For a plugin that does not count revisions. */
const NO_REVISION = 0;

/** Answers a `kv` request of the host's. Rejects with what the handler fails with. */
export async function answerKv(handler: KvHandler, request: KvRequestV2, ctx: PluginContext): Promise<Answer> {
  try {
    return (await perform(handler, request, ctx)) ?? refusal(request.action);
  } catch (error) {
    if (error instanceof KvRefusedError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

async function perform(handler: KvHandler, request: KvRequestV2, ctx: PluginContext): Promise<Answer | undefined> {
  switch (request.action) {
    case 'get': {
      const found = await handler.get?.(request.key, ctx);
      if (found === undefined) return undefined;
      return typeof found === 'string' || found === null ? { value: found, revision: NO_REVISION } : found;
    }
    case 'set': {
      if (!handler.set) return undefined;
      const { key, value, ttl_ms: ttlMs, if_revision: ifRevision } = request;
      const options = { ...(ttlMs !== undefined && { ttlMs }), ...(ifRevision !== undefined && { ifRevision }) };
      return { revision: (await handler.set(key, value, options, ctx)) ?? NO_REVISION };
    }
    case 'delete': {
      const { key, if_revision: ifRevision } = request;
      const deleted = await handler.delete?.(key, ifRevision === undefined ? {} : { ifRevision }, ctx);
      return deleted === undefined ? undefined : { deleted };
    }
    case 'list':
    case 'batch':
      return undefined;
  }
}

function refusal(action: string): Answer {
  return { error: { code: 'invalid_request', message: `This plugin does not answer kv requests to ${action}` } };
}
