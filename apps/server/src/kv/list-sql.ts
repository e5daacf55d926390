import type { SqlValue } from '../database';
import type { KvRange } from './kv-store.port';

/** The rows of a range that have not expired, as condition and parameters. Few texts in all, so that they stay prepared. */
export function rangeCondition(
  namespace: string,
  range: KvRange,
  now: string,
): { readonly where: string; readonly parameters: readonly SqlValue[] } {
  const { from, exclusive, before } = range;
  const where =
    `plugin_id = ? AND "key" ${exclusive ? '>' : '>='} ?${before === null ? '' : ' AND "key" < ?'}` +
    ' AND (expires_at IS NULL OR expires_at > ?)';
  return { where, parameters: [namespace, from, ...(before === null ? [] : [before]), now] };
}
