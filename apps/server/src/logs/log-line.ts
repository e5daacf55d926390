import type { LogEntry, LogLevel } from '@toru/contracts';
import { normalizeLevel } from './log-levels';
import { copyFields, copyValue, isRecord } from './untrusted-json';

export type OutputStream = 'stdout' | 'stderr';

/** One line that a plugin printed. */
export interface PluginOutput {
  readonly plugin: string;
  readonly stream: OutputStream;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Bytes that were cut off the end of the line. */
  readonly cutBytes?: number;
}

/** A line that comes with its parts: from a plugin's SDK, or from the host itself. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  readonly error?: unknown;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Plain text on stderr is a warning: many programs write all of their log there, so `error` would cry wolf, and a
 * stack trace must still stand out among what stdout says.
 */
const LEVEL_OF_STREAM: Readonly<Record<OutputStream, LogLevel>> = { stdout: 'info', stderr: 'warn' };

/** Names that only the host fills; what a plugin's own line says under one of them is kept as `plugin_<name>`. */
const HOST_FIELDS: ReadonlySet<string> = new Set(['timestamp', 'plugin', 'stream']);

/** CSI and OSC sequences, and the two-character escapes: colours and cursor movements. Linear in the input. */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ANSI_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -~]?/g;

/**
 * Characters that JSON allows inside a string and that some reader takes for a line end or a command to the terminal:
 * DEL and C1 controls (NEL among them), line and paragraph separators, bidi controls, the BOM.
 */
const UNSAFE_IN_A_LINE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What a plugin printed, as an entry of its log (OBS-1). A JSON object keeps its fields; the host's own fields win. */
export function entryOfOutput(output: PluginOutput): LogEntry {
  const own = output.text.trimStart().startsWith('{') ? parseFields(output.text) : undefined;
  const host = { timestamp: new Date(output.now).toISOString(), plugin: output.plugin, stream: output.stream };
  if (own) return entryOfFields(own, host);
  return {
    timestamp: host.timestamp,
    level: LEVEL_OF_STREAM[output.stream],
    plugin: host.plugin,
    message: stripAnsi(output.text),
    stream: host.stream,
    ...(output.cutBytes ? { truncated: true, cut_bytes: output.cutBytes } : {}),
  };
}

/** A line with its parts, as an entry. Fields cannot take the place of the entry's own parts. */
export function entryOfRecord(plugin: string, record: LogRecord, now: number): LogEntry {
  const entry: LogEntry = {
    timestamp: new Date(now).toISOString(),
    level: record.level,
    plugin,
    message: stripAnsi(record.message),
  };
  const error = record.error === undefined ? undefined : copyValue(record.error);
  if (error !== undefined) entry.error = error;
  for (const [name, value] of copyFields(record.fields ?? {}) ?? []) {
    if (!Object.hasOwn(entry, name)) entry[name] = value;
    else if (name !== 'level' && name !== 'message') entry[`plugin_${name}`] ??= value;
  }
  return entry;
}

/** The entry as one line of a log file, without its newline. */
export function serializeEntry(entry: LogEntry): string {
  return JSON.stringify(entry).replace(
    UNSAFE_IN_A_LINE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a plugin printed, as one line of its log file, without its newline. */
export function formatOutputLine(output: PluginOutput): string {
  return serializeEntry(entryOfOutput(output));
}

export function stripAnsi(text: string): string {
  return text.replace(ANSI_SEQUENCE, '');
}

function entryOfFields(
  own: ReadonlyMap<string, unknown>,
  host: { timestamp: string; plugin: string; stream: OutputStream },
): LogEntry {
  const rest = new Map(own);
  const take = (name: string): unknown => {
    const value = rest.get(name);
    rest.delete(name);
    return value;
  };
  const level = normalizeLevel(own.get('level'));
  if (level) take('level');
  const messageName = ['message', 'msg'].find((name) => typeof own.get(name) === 'string');
  const message = messageName === undefined ? '' : String(take(messageName));
  const error = own.has('error') ? take('error') : take('err');

  const entry: LogEntry = {
    timestamp: host.timestamp,
    level: level ?? LEVEL_OF_STREAM[host.stream],
    plugin: host.plugin,
    message: stripAnsi(message),
  };
  if (error !== undefined) entry.error = error;
  entry.stream = host.stream;
  const time = rest.has('timestamp') ? take('timestamp') : take('time');
  if (time !== undefined) entry.plugin_timestamp = time;
  for (const [name, value] of rest) {
    const kept = HOST_FIELDS.has(name) || Object.hasOwn(entry, name) ? `plugin_${name}` : name;
    if (!Object.hasOwn(entry, kept)) entry[kept] = value;
  }
  return entry;
}

function parseFields(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? copyFields(value) : undefined;
  } catch {
    return undefined;
  }
}
