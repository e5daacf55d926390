/** What is waited for is often there at once: the pause grows from the first to the last of them. */
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 50;
/** Only a hang reaches it; a busy machine must not. */
const DEADLINE_MS = 45_000;

type Falsy = undefined | null | false | 0 | '';

/**
 * Polls until the predicate gives something truthy, and resolves with that. An error that it throws counts as "not yet".
 * Rejects after the deadline with the last error and what `context()` says.
 */
export async function waitFor<T>(
  what: string,
  predicate: () => T | Promise<T>,
  { deadlineMs = DEADLINE_MS, context = () => '' }: { deadlineMs?: number; context?: () => string } = {},
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + deadlineMs;
  let last = '';
  let pauseMs = FIRST_PAUSE_MS;
  do {
    try {
      const result = await predicate();
      if (result) return result as Exclude<T, Falsy>;
      last = '';
    } catch (error) {
      last = ` Last error: ${error instanceof Error ? error.message : 'not an Error'}.`;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS);
  } while (Date.now() < deadline);
  throw new Error(`Waited in vain for ${what}.${last}\n${context()}`);
}
