/** Maps a list with at most `limit` calls at a time; results are in the order of the list. Rejects with the first error. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const iterator = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of iterator) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
