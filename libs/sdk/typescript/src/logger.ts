import { LOG_LEVELS_V2, type LogLevelV2, type LogV2 } from '@toru/contracts';
import { toJson, toJsonObject } from './json-values';

/** Anything; `error` is shown as the line's error, with its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

type LogMethod = (message: string, fields?: LogFields) => void;

/** Lines of the plugin's own log in the host. Never throws, and never waits. */
export type Logger = Readonly<Record<LogLevelV2, LogMethod>>;

/** Longer messages are cut off; in characters. */
const MAX_MESSAGE_CHARS = 65_536;

/** `send` gives false, or throws, where the line could not be sent; how many were lost is said with the next one. */
export function createLogger(send: (log: LogV2) => boolean): Logger {
  let lost = 0;
  const write = (level: LogLevelV2, message: string, { error, ...fields }: LogFields = {}): void => {
    const all = toJsonObject(lost > 0 ? { ...fields, lost_lines: lost } : fields);
    const errorJson = toJson(error);
    const log = {
      level,
      message: wellFormed(message.slice(0, MAX_MESSAGE_CHARS)),
      ...(Object.keys(all).length > 0 && { fields: all }),
      ...(errorJson !== undefined && { error: errorJson }),
    };
    if (attempt(() => send(log))) lost = 0;
    else lost += 1;
  };
  const methods = LOG_LEVELS_V2.map((level): [LogLevelV2, LogMethod] => [
    level,
    (message, fields) => write(level, message, fields),
  ]);
  return Object.fromEntries(methods) as Record<LogLevelV2, LogMethod>;
}

/** Half a surrogate pair is no text: the host would drop the line. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function attempt(send: () => boolean): boolean {
  try {
    return send();
  } catch {
    return false;
  }
}
