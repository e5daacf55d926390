import { LOG_LEVELS, type LogLevel } from '@toru/contracts';

const ALIASES: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>([
  ...LOG_LEVELS.map((level): [string, LogLevel] => [level, level]),
  ['silly', 'trace'],
  ['verbose', 'debug'],
  ['dbg', 'debug'],
  ['information', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['critical', 'fatal'],
  ['crit', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
]);

const LONGEST_NAME = 16;

/** Steps of ten, as pino counts them: 10 is trace, 60 is fatal. */
const NUMERIC_STEP = 10;

/** The level that a program means, under any of the usual names or numbers; undefined when it is none of them. */
export function normalizeLevel(value: unknown): LogLevel | undefined {
  if (typeof value === 'number') return levelOfNumber(value);
  if (typeof value !== 'string' || value.length > LONGEST_NAME) return undefined;
  const name = value.trim().toLowerCase();
  if (/^\d{1,3}$/.test(name)) return levelOfNumber(Number(name));
  return ALIASES.get(name);
}

/** Where a level stands among the others: a greater number is worse. */
export function severityOf(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}

function levelOfNumber(value: number): LogLevel | undefined {
  if (!(value >= NUMERIC_STEP && value <= 100)) return undefined;
  return LOG_LEVELS[Math.min(Math.floor(value / NUMERIC_STEP), LOG_LEVELS.length) - 1];
}
