import type { ProtocolVersion } from '@toru/contracts';
import type { Kit } from './kit';
import type { RouteName } from './options';

/** `must`: the host or its users depend on it. `should`: a plugin without it works, but is worse; it is a warning. */
export type Level = 'must' | 'should';

/** One rule of the protocol and how to try it on a plugin. */
export interface Check {
  /** Stable, `group/name`: what `--only` and `--skip` select by. */
  readonly id: string;
  /** What the specification demands: one line, for people. */
  readonly expects: string;
  /** Where it says so: a page in docs/ and its section. */
  readonly rule: string;
  readonly level: Level;
  /** The versions that it applies to; absent: both. */
  readonly protocol?: ProtocolVersion;
  /** The route that the plugin must have for it; without one it is skipped. */
  readonly needs?: RouteName;
  /** Whether it works on a process of its own and looks at nothing else: two such neighbours are made side by side. */
  readonly isAlone?: true;
  /** Returns if the plugin does as it should. Throws `CheckFailure`, `CheckSkip`, or whatever came in the way. */
  readonly run: (kit: Kit) => Promise<void>;
}

/** A check that leaves to the defaults what it has in common with its neighbours. */
type CheckInput = Pick<Check, 'id' | 'expects' | 'run'> & Partial<Check>;

/** The checks of one file; `level` is `must` where nothing else is said. */
export function defineChecks(
  defaults: Pick<Check, 'rule'> & Partial<Pick<Check, 'protocol' | 'level'>>,
  checks: readonly CheckInput[],
): readonly Check[] {
  return checks.map((check) => ({ level: 'must', ...defaults, ...check }));
}

export function groupOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
