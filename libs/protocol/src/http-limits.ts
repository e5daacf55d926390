import { HTTP_LIMIT_RANGES, type HttpLimits, type InputError, type JsonValue, type PathRule } from '@toru/contracts';
import { field, isRecord } from './json';
import { isPlainPath, MAX_PATH_CHARS } from './plain-path';

const MAX_RULES = 64;
const FOR_PATHS = ['first_byte_timeout_ms', 'idle_timeout_ms', 'max_body_bytes'] as const;
const FOR_ALL = ['concurrency', 'queue', 'queue_timeout_ms', ...FOR_PATHS] as const;
type LimitName = (typeof FOR_ALL)[number];

export type HttpLimitsReading =
  { readonly ok: true; readonly limits: HttpLimits } | { readonly ok: false; readonly errors: readonly InputError[] };

/**
 * Reads limits from what a plugin or an administrator wrote, into a fresh object. Unknown fields are ignored, or refused
 * where `strict` is set; null is as good as absent.
 */
export function readHttpLimits(value: JsonValue | undefined, { strict = false } = {}): HttpLimitsReading {
  const reader = new LimitsReader(strict);
  const limits = reader.read(value);
  return reader.errors.length === 0 ? { ok: true, limits } : { ok: false, errors: reader.errors };
}

class LimitsReader {
  readonly errors: InputError[] = [];

  constructor(private readonly strict: boolean) {}

  read(value: JsonValue | undefined): HttpLimits {
    const limits = this.numbers('', value, FOR_ALL, ['paths']);
    const paths = isRecord(value) ? field(value, 'paths') : undefined;
    return paths === undefined || paths === null ? limits : { ...limits, paths: this.rules(paths) };
  }

  private rules(value: JsonValue): PathRule[] {
    if (!Array.isArray(value) || value.length > MAX_RULES) {
      this.error('paths', `must be a list of at most ${MAX_RULES} rules`);
      return [];
    }
    return (value as readonly JsonValue[]).map((rule, index) => {
      const at = `paths.${index}`;
      const limits = this.numbers(at, rule, FOR_PATHS, ['path']);
      const path = isRecord(rule) ? field(rule, 'path') : undefined;
      if (isPlainPath(path)) return { path, ...limits };
      this.error(
        `${at}.path`,
        `must be a plain path of at most ${MAX_PATH_CHARS} characters that begins with /, ` +
          'without dot segments or encoding, and with * only as the last segment',
      );
      return { path: '', ...limits };
    });
  }

  private numbers<K extends LimitName>(
    at: string,
    value: JsonValue | undefined,
    names: readonly K[],
    others: readonly string[],
  ): { [N in K]?: number } {
    const limits: { [N in K]?: number } = {};
    if (!isRecord(value)) {
      this.error(at, 'must be an object');
      return limits;
    }
    const known: readonly string[] = [...names, ...others];
    for (const name of this.strict ? Object.keys(value) : []) {
      if (!known.includes(name)) this.error(join(at, name.slice(0, 64)), `is not known: use ${known.join(', ')}`);
    }
    for (const name of names) {
      const limit = field(value, name);
      if (limit === undefined || limit === null) continue;
      const [least, most] = HTTP_LIMIT_RANGES[name];
      if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= least && limit <= most) {
        limits[name] = limit;
      } else {
        this.error(join(at, name), `must be a whole number from ${least} to ${most}`);
      }
    }
    return limits;
  }

  private error(path: string, message: string): void {
    this.errors.push({ path, message });
  }
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
