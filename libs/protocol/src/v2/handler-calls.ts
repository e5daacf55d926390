import type { PeerHandlers } from './peer-options';

type Told = 'shutdown' | 'settings' | 'log' | 'event';

/** Tells a handler, if there is one. One that throws must not take the connection, or the process, with it. */
export function callHandler<K extends Told>(
  handlers: PeerHandlers,
  name: K,
  message: Parameters<NonNullable<PeerHandlers[K]>>[0],
): void {
  try {
    (handlers[name] as ((given: typeof message) => void) | undefined)?.(message);
  } catch (error) {
    handlers.failed?.(error, name);
  }
}
