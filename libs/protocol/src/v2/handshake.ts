import type { FailedV2, FailureCodeV2, InitV2, ReadyV2 } from '@toru/contracts';
import { RequestError } from './connection-errors';
import type { PeerConnection } from './peer-connection';
import type { Greeting } from './peer-lifecycle';

export type HandshakeResult =
  { readonly ok: true; readonly ready: ReadyV2 } | { readonly ok: false; readonly failed: FailedV2 };

/**
 * Host: sends `init` and waits for `ready` or `failed` (protocol v2 §3). Features that were not offered are left out.
 * Rejects with `RequestError` `timeout`, upon which the caller closes, or with `ConnectionClosedError`.
 */
export async function initialise(
  connection: PeerConnection,
  init: InitV2,
  timeoutMs: number,
): Promise<HandshakeResult> {
  connection.sendInit(init);
  const greeting = await within(connection.greeting, timeoutMs, 'ready');
  if (greeting.action === 'failed') return { ok: false, failed: greeting.failed };
  if (greeting.action === 'init') throw new TypeError('initialise is for the host');
  const features = greeting.ready.features.filter((name) => init.features.includes(name));
  return { ok: true, ready: { protocol: 2, features } };
}

/** Plugin: waits for `init`. Rejects with `RequestError` `timeout`, or with `ConnectionClosedError`. */
export async function awaitInit(connection: PeerConnection, timeoutMs: number): Promise<InitV2> {
  const greeting = await within(connection.greeting, timeoutMs, 'init');
  if (greeting.action !== 'init') throw new TypeError('awaitInit is for the plugin');
  return greeting.init;
}

/** Plugin: routes are open from here on. Of `features` those that `init` offered are said. */
export function acceptInit(connection: PeerConnection, init: InitV2, features: readonly string[]): void {
  connection.sendReady({ protocol: 2, features: features.filter((name) => init.features.includes(name)) });
}

/** Plugin: says why it cannot run, and closes; the process is to end then. */
export async function refuseInit(connection: PeerConnection, code: FailureCodeV2, message: string): Promise<void> {
  connection.sendFailed({ code, message });
  await connection.close();
}

function within(greeting: Promise<Greeting>, timeoutMs: number, word: string): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // a process that was kept from running has not read the greeting yet: that is not the other side's delay
      setImmediate(() => {
        reject(new RequestError('timeout', `There was no ${word} within ${timeoutMs} ms`));
      });
    }, timeoutMs);
    greeting.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
