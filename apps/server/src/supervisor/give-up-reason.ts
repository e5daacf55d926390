import type { RestartLimits, Verdict } from './restart-policy';

/** Why a plugin is disabled, and what to do about it, for people. `why`: how it ended the last time. */
export function giveUpReason(
  plugin: string,
  { limit, count }: Extract<Verdict, { kind: 'give_up' }>,
  { crashWindowMs }: RestartLimits,
  why: string,
): string {
  const crashes = limit === 'window' ? count.recent.length : count.inARow;
  const times = `${crashes} ${crashes === 1 ? 'time' : 'times'}`;
  const when = limit === 'window' ? `within ${duration(crashWindowMs)}` : 'in a row';
  return (
    `Disabled: crashed ${times} ${when}; the last time: ${why}. See GET /api/plugins/${plugin}/crashes; ` +
    `POST /api/plugins/${plugin}/reset to clear and enable again.`
  );
}

function duration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${ms / 1000} s`;
}
