import type { LogEntry, LogLevel } from '../../core/api/types';

/** A log entry as the viewer shows it: everything as plain text, made once when the page arrives. */
export interface LogLine {
  /** Unique within one viewer. */
  readonly key: number;
  readonly timestamp: string;
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  /** The writer's further fields, `error` among them, as indented JSON; null where there are none. */
  readonly fields: string | null;
  /** The whole entry, to recognise one that a page brought before. */
  readonly identity: string;
}

/** From the least to the worst; complete, or it does not compile. */
export const LOG_LEVELS = Object.keys({
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
  fatal: 5,
} satisfies Record<LogLevel, number>) as readonly LogLevel[];

const OWN_FIELDS: ReadonlySet<string> = new Set(['timestamp', 'level', 'plugin', 'message']);

export function toLogLine(entry: LogEntry, key: number): LogLine {
  const further = Object.entries(entry).filter(([name]) => !OWN_FIELDS.has(name));
  return {
    key,
    timestamp: entry.timestamp,
    time: localTime(entry.timestamp),
    level: entry.level,
    message: entry.message,
    fields: further.length === 0 ? null : JSON.stringify(Object.fromEntries(further), null, 2),
    identity: JSON.stringify(entry),
  };
}

/** `14:03:07.250` for today, with the date in front for other days; in the browser's time zone. */
export function localTime(timestamp: string, now = new Date()): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  const time = `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  if (date.toDateString() === now.toDateString()) return time;
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())} ${time}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
