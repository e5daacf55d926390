import { setTimeout as delay } from 'node:timers/promises';
import type { TestHost } from './host';

/** Asking costs time of the processor, which the work needs as well. */
const PAUSE_MS = 30;

/**
 * Asks a plugin before some work, again and again meanwhile, and after it (ISO-2). Rejects when one answer is not its
 * own, or when the host is not the same process any more.
 */
export async function servesDuring<T>(host: TestHost, id: string, work: () => Promise<T>): Promise<T> {
  const { pid } = host;
  let asked = 0;
  const ask = async (): Promise<void> => {
    asked += 1;
    const path = `/${id}/echo/${asked}`;
    const answer = await host.json<{ path: string }>(`/plugins${path}`);
    if (answer.path !== path) throw new Error(`${id} was asked for ${path} and answered ${answer.path}.`);
    if (host.pid !== pid) throw new Error('The host is another process now.');
  };
  await ask();
  const ended = new AbortController();
  const meanwhile = askUntil(ended.signal, ask).catch((error: unknown) => error);
  try {
    return await work();
  } finally {
    ended.abort();
    const failure = await meanwhile;
    // eslint-disable-next-line no-unsafe-finally -- what its neighbours see counts for more than what the work says
    if (failure instanceof Error) throw failure;
    await ask();
  }
}

async function askUntil(signal: AbortSignal, ask: () => Promise<void>): Promise<undefined> {
  do {
    await ask();
    await delay(PAUSE_MS);
  } while (!signal.aborted);
  return undefined;
}
