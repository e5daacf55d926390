import type { KvAnswerV2, KvOperationAnswerV2, KvOperationV2, KvRequestV2 } from '@toru/contracts';

interface Entry {
  readonly value: string;
  readonly revision: number;
  readonly expiresAt: number;
}

type Refusal = 'kv_conflict' | 'kv_quota_exceeded';

/** What the storage of one plugin must do, in the simplest way: all in memory, expired entries are thrown away first. */
export class KvModel {
  private entries = new Map<string, Entry>();
  /** The largest revision that each key ever had. */
  private revisions = new Map<string, number>();

  constructor(private readonly quotaBytes: number) {}

  /**
   * The answer, or the code of the error, to compare with the `actual` one; pages are given whole, without a cursor.
   * Which revisions are given is the storage's choice, as long as they grow: the model takes over the actual ones.
   * `now` in ms since the epoch.
   */
  perform(request: KvRequestV2, now: number, actual: KvAnswerV2): KvAnswerV2 | Refusal {
    for (const [key, { expiresAt }] of this.entries) if (expiresAt <= now) this.entries.delete(key);
    if (request.action === 'list') return this.list(request.prefix ?? '');
    if (request.action !== 'batch') return this.one(request, now, actual);
    const kept = { entries: new Map(this.entries), revisions: new Map(this.revisions) };
    const results: KvOperationAnswerV2[] = [];
    for (const [index, operation] of request.operations.entries()) {
      const answer = this.one(operation, now, 'results' in actual ? actual.results[index] : undefined);
      if (typeof answer === 'string') {
        Object.assign(this, kept);
        return answer;
      }
      results.push(answer);
    }
    return { results };
  }

  get bytes(): number {
    return [...this.entries].reduce((sum, [key, { value }]) => sum + Buffer.byteLength(key + value), 0);
  }

  private one(operation: KvOperationV2, now: number, actual: KvAnswerV2 | undefined): KvOperationAnswerV2 | Refusal {
    const { key } = operation;
    const entry = this.entries.get(key);
    if (operation.action === 'get') return { value: entry?.value ?? null, revision: entry?.revision ?? 0 };
    const { if_revision: expected } = operation;
    if (expected !== undefined && expected !== (entry?.revision ?? 0)) return 'kv_conflict';
    if (operation.action === 'delete') return { deleted: this.entries.delete(key) };
    const growth =
      Buffer.byteLength(operation.value) - Buffer.byteLength(entry?.value ?? '') + (entry ? 0 : Buffer.byteLength(key));
    if (growth > 0 && this.bytes + growth > this.quotaBytes) return 'kv_quota_exceeded';
    const given = actual !== undefined && 'revision' in actual ? actual.revision : 0;
    const revision = Math.max(given, (this.revisions.get(key) ?? 0) + 1);
    this.revisions.set(key, revision);
    const expiresAt = operation.ttl_ms === undefined ? Infinity : now + operation.ttl_ms;
    this.entries.set(key, { value: operation.value, revision, expiresAt });
    return { revision };
  }

  private list(prefix: string): KvAnswerV2 {
    const items = [...this.entries]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([key, { value, revision }]) => ({ key, value, revision }));
    return { items, cursor: null };
  }
}
