import type {
  JsonObject,
  KvAnswerV1,
  KvItemV2,
  KvOperationAnswerV2,
  KvOperationV2,
  KvRequestV1,
  KvRequestV2,
} from '@toru/contracts';

interface Entry {
  readonly value: string;
  readonly revision: number;
  readonly expires: number;
}

type Answer =
  JsonObject | KvOperationAnswerV2 | { readonly items: readonly KvItemV2[]; readonly cursor: string | null };

/** The storage that the kit gives the plugin: in memory, with the rules of the host as far as a plugin can see them. */
export class MemoryKv {
  /** From now on every request is refused. */
  refuses = false;
  readonly #entries = new Map<string, Entry>();
  #revision = 0;

  answerV1({ action, key, value }: KvRequestV1): KvAnswerV1 {
    if (this.refuses) return { value: null, error: REFUSED };
    const operation = action === 'set' ? { action, key, value: value ?? '' } : { action, key };
    const answer = this.#operate(operation);
    return 'value' in answer && typeof answer.value === 'string' ? { value: answer.value } : { value: null };
  }

  answerV2(request: KvRequestV2): Answer {
    if (this.refuses) return { error: { ...REFUSED } };
    if (request.action === 'list') return this.#list(request.prefix ?? '', request.limit ?? 100, request.cursor ?? '');
    if (request.action !== 'batch') return this.#operate(request);
    return { results: request.operations.map((operation) => ({ ...this.#operate(operation) })) };
  }

  #operate(operation: KvOperationV2): KvOperationAnswerV2 | JsonObject {
    const { action, key } = operation;
    const entry = this.#find(key);
    if (action === 'get') return { value: entry?.value ?? null, revision: entry?.revision ?? 0 };
    if (operation.if_revision !== undefined && operation.if_revision !== (entry?.revision ?? 0)) {
      return { error: { code: 'kv_conflict', message: 'The revision is another one' } };
    }
    if (action === 'delete') return { deleted: this.#entries.delete(key) };
    const expires = operation.ttl_ms === undefined ? Infinity : Date.now() + operation.ttl_ms;
    this.#entries.set(key, { value: operation.value, revision: ++this.#revision, expires });
    return { revision: this.#revision };
  }

  #list(prefix: string, limit: number, after: string): Answer {
    const items = [...this.#entries.keys()]
      .filter((key) => key.startsWith(prefix) && key > after && this.#find(key))
      .sort()
      .map((key) => ({ key, value: this.#find(key)?.value ?? '', revision: this.#find(key)?.revision ?? 0 }));
    const page = items.slice(0, limit);
    return { items: page, cursor: items.length > limit ? (page.at(-1)?.key ?? null) : null };
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expires > Date.now() ? entry : undefined;
  }
}

const REFUSED = { code: 'storage_unavailable', message: 'The conformance kit refuses this on purpose' };
