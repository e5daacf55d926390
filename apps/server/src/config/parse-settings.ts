import { ConfigurationError, type SettingValues } from './configuration';
import type { Parsed } from './setting';
import { FOREIGN_NAMES, SETTINGS } from './settings';

/** Environment → the values of all settings, or one error that lists every problem. Prints no values. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): SettingValues {
  const problems = unknownNames(env);
  const values = new Map<string, unknown>();
  for (const [key, setting] of Object.entries(SETTINGS)) {
    const raw = env[setting.name];
    if (raw === undefined || raw === '') {
      values.set(key, setting.fallback);
      continue;
    }
    const parsed: Parsed<unknown> = setting.parse(raw);
    if (parsed.ok) values.set(key, parsed.value);
    else problems.push(`${setting.name} ${parsed.problem}.`);
  }
  // every key of SETTINGS has its value now, of the type that its setting parses to
  const settings = Object.fromEntries(values) as SettingValues;
  if (problems.length === 0) problems.push(...contradictions(settings));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(settings);
}

function contradictions(settings: SettingValues): string[] {
  const problems: string[] = [];
  if (settings.backoffBaseMs > settings.backoffMaxMs) {
    problems.push('TORU_BACKOFF_BASE_MS is larger than TORU_BACKOFF_MAX_MS: make it the smaller one.');
  }
  const { restartAfterChecks, unhealthyAfterChecks } = settings;
  if (restartAfterChecks !== 0 && restartAfterChecks < unhealthyAfterChecks) {
    problems.push(
      'TORU_RESTART_AFTER_CHECKS is smaller than TORU_UNHEALTHY_AFTER_CHECKS: make it the larger one, or 0.',
    );
  }
  return problems;
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.values(SETTINGS).map((setting) => setting.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('TORU_') && !known.includes(name) && !FOREIGN_NAMES.includes(name))
    .map((name) => {
      const near = known
        .map((candidate) => ({ candidate, far: distance(candidate, name) }))
        .filter(({ far }) => far <= 3)
        .sort((a, b) => a.far - b.far)[0]?.candidate;
      return `${name.slice(0, 100)} is no setting${near === undefined ? '' : `; did you mean ${near}`}.`;
    });
}

/** Levenshtein distance, for suggestions. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
