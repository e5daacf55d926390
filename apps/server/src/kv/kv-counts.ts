import type { KvActionV2 } from '@toru/contracts';

export const COUNTED_ACTIONS = ['get', 'set', 'delete', 'list', 'batch'] as const satisfies readonly KvActionV2[];

/** How often each operation was asked for. */
export interface OperationCount {
  done: number;
  /** Refused or failed. */
  refused: number;
}

/** The operations on the storage of one plugin since the host started. */
export type PluginKvCounts = Readonly<Record<KvActionV2, OperationCount>>;

/** What was asked of the key-value storage, by plugin without case; a batch is one operation. */
export class KvCounts {
  private readonly plugins = new Map<string, PluginKvCounts>();

  /** Counts an operation by how it ends, and ends likewise. */
  async count<T>(pluginId: string, action: KvActionV2, operation: Promise<T>): Promise<T> {
    try {
      const answer = await operation;
      this.of(pluginId)[action].done++;
      return answer;
    } catch (error) {
      this.of(pluginId)[action].refused++;
      throw error;
    }
  }

  of(pluginId: string): PluginKvCounts {
    const key = pluginId.toLowerCase();
    const known = this.plugins.get(key);
    if (known !== undefined) return known;
    const none = (): OperationCount => ({ done: 0, refused: 0 });
    const counts = { get: none(), set: none(), delete: none(), list: none(), batch: none() };
    this.plugins.set(key, counts);
    return counts;
  }

  /** Forgets the plugins that are gone. @param ids in lower case */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.plugins.keys()) if (!ids.has(id)) this.plugins.delete(id);
  }
}
