import type { KvActionV2, KvAnswersV2, KvItemV2, KvListAnswerV2, KvRequestV2 } from '@toru/contracts';
import type { PeerConnection } from '@toru/protocol';

/** No operation of the host's takes so long, in milliseconds; a handler must not wait for ever. */
const DEADLINE_MS = 30_000;

export interface KvSetOptions {
  /** Milliseconds until the key is gone. */
  readonly ttlMs?: number;
  /** Only if the key has this revision; 0: only if there is no such key. Else `KvRefusedError` `kv_conflict`. */
  readonly ifRevision?: number;
}

export interface KvListOptions {
  readonly prefix?: string;
  /** From the page before. */
  readonly cursor?: string;
  /** 1 to 1000, 100 unless given. */
  readonly limit?: number;
}

export type KvOperation =
  | { readonly action: 'get'; readonly key: string }
  | ({ readonly action: 'set'; readonly key: string; readonly value: string } & KvSetOptions)
  | ({ readonly action: 'delete'; readonly key: string } & Pick<KvSetOptions, 'ifRevision'>);

/** The answer to each kind of operation of a batch. */
export interface KvResults {
  readonly get: { readonly value: string | null; readonly revision: number };
  readonly set: { readonly revision: number };
  readonly delete: { readonly deleted: boolean };
}

/** The plugin's own namespace in the host's database (protocol v2 §8). Values are text. */
export interface KvClient {
  /** The value, or null where there is no such key. */
  get(key: string): Promise<string | null>;
  /** The value with its revision, which is 0 where there is no such key. */
  entry(key: string): Promise<KvResults['get']>;
  /** Gives the new revision. */
  set(key: string, value: string, options?: KvSetOptions): Promise<number>;
  /** Whether there was such a key. */
  delete(key: string, options?: Pick<KvSetOptions, 'ifRevision'>): Promise<boolean>;
  /** One page, in the order of the keys' bytes. */
  list(options?: KvListOptions): Promise<KvListAnswerV2>;
  /** Every key with the prefix, page by page. */
  entries(prefix?: string): AsyncGenerator<KvItemV2, void, undefined>;
  /** Up to 100 operations, all of them done or none; the answers stand in their order. */
  batch<const T extends readonly KvOperation[]>(
    operations: T,
  ): Promise<{ readonly [I in keyof T]: KvResults[T[I]['action']] }>;
}

/**
 * All methods reject with `KvRefusedError` (its `code` is one of protocol v2 §8) where the host refuses, else with
 * `RequestError` or `ConnectionClosedError`.
 */
export class ConnectionKv implements KvClient {
  constructor(private readonly connection: Pick<PeerConnection, 'kv'>) {}

  async get(key: string): Promise<string | null> {
    return (await this.entry(key)).value;
  }

  entry(key: string): Promise<KvResults['get']> {
    return this.ask<'get'>({ action: 'get', key });
  }

  async set(key: string, value: string, options: KvSetOptions = {}): Promise<number> {
    const request = { action: 'set', key, value, ttl_ms: options.ttlMs, if_revision: options.ifRevision } as const;
    return (await this.ask<'set'>(request)).revision;
  }

  async delete(key: string, options: Pick<KvSetOptions, 'ifRevision'> = {}): Promise<boolean> {
    return (await this.ask<'delete'>({ action: 'delete', key, if_revision: options.ifRevision })).deleted;
  }

  list({ prefix, cursor, limit }: KvListOptions = {}): Promise<KvListAnswerV2> {
    return this.ask<'list'>({ action: 'list', prefix, cursor, limit });
  }

  async *entries(prefix?: string): AsyncGenerator<KvItemV2, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.list({ limit: 1000, ...(prefix !== undefined && { prefix }), ...(cursor && { cursor }) });
      yield* page.items;
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async batch<const T extends readonly KvOperation[]>(
    operations: T,
  ): Promise<{ readonly [I in keyof T]: KvResults[T[I]['action']] }> {
    const wire = operations.map((operation) => {
      if (operation.action === 'get') return { action: 'get', key: operation.key } as const;
      const { action, key, ifRevision: if_revision } = operation;
      if (action === 'delete') return { action, key, if_revision } as const;
      return { action, key, value: operation.value, ttl_ms: operation.ttlMs, if_revision } as const;
    });
    const { results } = await this.ask<'batch'>({ action: 'batch', operations: wire });
    if (results.length !== operations.length) throw new Error('The host answered another number of operations');
    return results as unknown as { readonly [I in keyof T]: KvResults[T[I]['action']] };
  }

  private ask<A extends KvActionV2>(request: Extract<KvRequestV2, { action: A }>): Promise<KvAnswersV2[A]> {
    return this.connection.kv<A>(request, { deadlineMs: DEADLINE_MS });
  }
}
