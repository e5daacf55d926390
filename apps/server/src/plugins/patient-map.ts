export interface Patience {
  /** How many calls are given their time side by side. */
  readonly parallel: number;
  /** After so many milliseconds a call goes on beside the others, and the next one has its turn. */
  readonly patienceMs: number;
}

export interface PatientResults<R> {
  /** Resolves when every call has ended or has had its time: undefined stands for those that go on. */
  readonly prompt: Promise<readonly (R | undefined)[]>;
  /** Resolves when all have ended. */
  readonly all: Promise<readonly R[]>;
}

/**
 * Maps a list, a bounded number of calls at a time, without letting slow ones hold up the rest. `work` must not reject.
 * Results are in the order of the list.
 */
export function mapPatiently<T, R>(
  items: readonly T[],
  { parallel, patienceMs }: Patience,
  work: (item: T) => Promise<R>,
): PatientResults<R> {
  const results: (R | undefined)[] = items.map(() => undefined);
  const calls: Promise<unknown>[] = [];
  const iterator = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of iterator) {
      const call = work(item).then((result) => {
        results[index] = result;
      });
      calls.push(call);
      await within(call, patienceMs);
    }
  };
  const turns = Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return {
    prompt: turns.then(() => [...results]),
    all: turns.then(() => Promise.all(calls)).then(() => results as R[]),
  };
}

async function within(call: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([call, late]);
  clearTimeout(timer);
}
