import { availableParallelism } from 'node:os';
import { groupOf, type Check } from './check';
import { CheckFailure, CheckSkip } from './check-error';
import { CHECKS } from './checks';
import { Kit } from './kit';
import { isSelected, type ConformanceOptions } from './options';
import { LaunchError } from './process/launch';
import type { CheckResult, ConformanceReport, Status } from './result';
import type { Trace } from './wire/trace';

export interface RunCallbacks {
  readonly onBegin?: (check: Check) => void;
  readonly onResult?: (result: CheckResult) => void;
  readonly trace?: Trace;
}

const nothing = (): void => undefined;

/** How long a process may take to be gone after its connection has: for a better message. */
const LAST_BREATH_MS = 100;

/**
 * Tries a plugin against the protocol (LANG-4). Whatever the plugin does is a result; nothing of it is left afterwards.
 * Where the metadata are of no use, the checks of `metadata/` are all that is run, whatever was chosen.
 */
export async function runConformance(
  options: ConformanceOptions,
  { onBegin = nothing, onResult = nothing, trace = nothing }: RunCallbacks = {},
): Promise<Omit<ConformanceReport, 'strict'>> {
  const begin = Date.now();
  const kit = new Kit(options, trace);
  const results: CheckResult[] = [];
  /** The next check, where it has begun. */
  let ahead: Promise<CheckResult> | undefined;
  try {
    const metadata = await kit.readMetadata();
    const { protocol } = kit;
    const chosen = CHECKS.filter((check) =>
      metadata || options.protocol !== undefined
        ? isSelected(check.id, options) && (check.protocol ?? protocol) === protocol
        : groupOf(check.id) === 'metadata',
    );
    // frames of two processes would be told apart by nobody
    const isSideBySide = trace === nothing && availableParallelism() > 1;
    for (const [n, check] of chosen.entries()) {
      const next = chosen[n + 1];
      onBegin(check);
      const running = ahead ?? runCheck(kit, check);
      ahead = isSideBySide && check.isAlone && next?.isAlone ? runCheck(kit, next) : undefined;
      // told in its turn
      ahead?.catch(nothing);
      const result = await running;
      onResult(result);
      results.push(result);
    }
    const { executable } = options;
    return {
      executable,
      plugin: metadata?.id ?? null,
      protocol: protocol ?? null,
      results,
      durationMs: Date.now() - begin,
    };
  } finally {
    await ahead?.catch(nothing);
    await kit.dispose();
  }
}

async function runCheck(kit: Kit, check: Check): Promise<CheckResult> {
  const { id, level, expects, rule } = check;
  const begin = Date.now();
  const result = (status: Status, happened?: string): CheckResult => ({
    ...{ id, level, status, expects, rule, durationMs: Date.now() - begin },
    ...(happened !== undefined && { happened: oneLine(happened) }),
  });
  try {
    if (check.needs) kit.route(check.needs);
    await check.run(kit);
    return result('passed');
  } catch (error) {
    if (error instanceof CheckSkip) return result('skipped', error.message);
    if (!(error instanceof CheckFailure) && !(error instanceof LaunchError)) throw error;
    const end = await endOf(kit);
    const happened = end === undefined ? error.message : `${error.message} (the plugin ${end})`;
    return result(level === 'must' ? 'failed' : 'warned', happened);
  }
}

async function endOf(kit: Kit): Promise<string | undefined> {
  for (const deadline = Date.now() + LAST_BREATH_MS; Date.now() < deadline && kit.shared.unexpectedEnd === undefined;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return kit.shared.unexpectedEnd;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
