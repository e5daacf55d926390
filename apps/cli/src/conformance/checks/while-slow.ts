import type { Kit } from '../kit';
import type { HostV2 } from '../wire/host-v2';

/**
 * How long the slow request takes, in milliseconds. Where a busy machine let the plugin stand still for as long, which is
 * no fault of it, it gets one more that takes longer. What waits for the slow one is answered after it, however long.
 */
const SLOW_MS = [100, 400, 1_600];

/** Whether `ask` has its answer while a slow request of the plugin is still open. */
export async function isDoneWhileSlow(kit: Kit, host: HostV2, ask: () => Promise<unknown>): Promise<boolean> {
  const durations = SLOW_MS.filter((ms, n) => n === 0 || 2 * ms <= kit.timeoutMs);
  for (const ms of durations) {
    const id = host.newId();
    const slow = host.ask({ id, path: `${kit.route('slow')}?ms=${ms}` });
    slow.catch(() => undefined);
    await ask();
    const isOpen = host.isOpen(id);
    await slow;
    if (isOpen) return true;
  }
  return false;
}
