import type { IncomingMessage } from 'node:http';
import type { PluginTarget } from './gateway.ports';
import type { PluginRequest } from './plugin-request';

interface Asked {
  readonly request: IncomingMessage;
  readonly match: PluginRequest;
}

/**
 * Performs an exchange with a plugin as one of its requests in flight, so that a crash can tell what it met. It counts
 * from when the plugin is given it: who waits for a turn has not met the crash.
 */
export async function inFlight<T>(
  target: PluginTarget,
  asked: Asked,
  exchange: (onGiven: () => void) => Promise<T>,
): Promise<T> {
  let leave: ((answered: boolean) => void) | undefined;
  const enter = (): void => {
    leave = target.enter?.(asked.request.method ?? 'GET', asked.match.rest === '' ? '/' : asked.match.rest);
  };
  let answered = false;
  try {
    const answer = await exchange(enter);
    answered = true;
    return answer;
  } finally {
    leave?.(answered);
  }
}
