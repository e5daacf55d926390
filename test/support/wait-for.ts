const POLL_INTERVAL_MS = 50;
/** Only a hang reaches it; a busy machine must not. */
const DEADLINE_MS = 20_000;

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
  do {
    try {
      const result = await predicate();
      if (result) return result as Exclude<T, Falsy>;
      last = '';
    } catch (error) {
      last = ` Last error: ${error instanceof Error ? error.message : 'not an Error'}.`;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  } while (Date.now() < deadline);
  throw new Error(`Waited in vain for ${what}.${last}\n${context()}`);
}
