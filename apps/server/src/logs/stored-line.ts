import type { LogEntry } from '@toru/contracts';
import { normalizeLevel } from './log-levels';
import { copyFields, isRecord } from './untrusted-json';

/** A message of a line that is no entry is shown up to here, in characters. */
const MAX_PLAIN_CHARACTERS = 64 * 1024;

/** What a stored line does not say itself. */
interface Defaults {
  readonly plugin: string;
  /** The time of the next newer line, or the file's last change: a line without a time of its own is not younger. */
  readonly timestamp: string;
}

/** A line of a log file as an entry. A line that is no JSON object, or cut off, becomes an entry with its plain text. */
export function parseStoredLine(line: string, defaults: Defaults): LogEntry {
  const fields = parseObject(line);
  if (!fields) {
    return { ...defaults, level: 'info', message: line.slice(0, MAX_PLAIN_CHARACTERS), malformed: true };
  }
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const timestamp = text('timestamp');
  const entry: LogEntry = {
    timestamp: timestamp !== undefined && !Number.isNaN(Date.parse(timestamp)) ? timestamp : defaults.timestamp,
    level: normalizeLevel(fields.get('level')) ?? 'info',
    plugin: text('plugin') ?? defaults.plugin,
    message: text('message') ?? '',
  };
  for (const [name, value] of fields) {
    if (!Object.hasOwn(entry, name)) entry[name] = value;
  }
  return entry;
}

function parseObject(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? copyFields(value) : undefined;
  } catch {
    return undefined;
  }
}
