import { RESERVED_IDS } from '@toru/contracts';
import type {
  HttpLimits,
  JsonObject,
  JsonValue,
  PluginMetadata,
  ProtocolVersion,
  ResourceLimits,
} from '@toru/contracts';
import { readHttpLimits } from './http-limits';
import { isPlainPath, MAX_PATH_CHARS } from './plain-path';
import { field, isRecord } from './json';
import { displayProblem } from './display-text';
import type { DisplayRule } from './display-text';

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/i;
const ROUTE = /^\/[a-z0-9][a-z0-9-]{0,63}$/i;
const MAX_PUBLIC_PATHS = 64;
const MAX_HOMEPAGE_CHARS = 2048;
const LIMITS = ['memory_bytes', 'cpu_percent', 'open_files', 'processes'] as const;

const NAME: DisplayRule = { maxCodePoints: 100 };
const VERSION: DisplayRule = { maxCodePoints: 64 };
const ICON: DisplayRule = { maxCodePoints: 16 };
const DESCRIPTION: DisplayRule = { maxCodePoints: 1000, lines: true };

/** Reads the fields one by one and collects every problem, so that an author sees all of them at once. */
export class MetadataReader {
  readonly problems: string[] = [];

  constructor(private readonly source: JsonObject) {}

  /** A fresh object; only to be used if there are no problems. */
  read(): PluginMetadata {
    const author = this.optional('author', (value) => this.display('author', value, NAME));
    const description = this.optional('description', (value) => this.display('description', value, DESCRIPTION));
    const homepage = this.optional('homepage', (value) => this.homepage(value));
    const settingsSchema = this.optional('settings_schema', (value) => this.settingsSchema(value));
    const limits = this.optional('limits', (value) => this.limits(value));
    const http = this.optional('http', (value) => this.http(value));
    return {
      id: this.required('id', (value) => this.id(value)) ?? '',
      name: this.required('name', (value) => this.display('name', value, NAME)) ?? '',
      version: this.required('version', (value) => this.display('version', value, VERSION)) ?? '',
      icon: this.required('icon', (value) => this.display('icon', value, ICON)) ?? '',
      route: this.required('route', (value) => this.route(value)) ?? '',
      ...(author !== null && { author }),
      ...(description !== null && { description }),
      ...(homepage !== null && { homepage }),
      protocol: this.optional('protocol', (value) => this.protocol(value)) ?? 1,
      public_paths: this.optional('public_paths', (value) => this.publicPaths(value)) ?? [],
      ...(settingsSchema !== null && { settings_schema: settingsSchema }),
      license: this.optional('license', (value) => this.license(value)) ?? 'none',
      ...(limits !== null && { limits }),
      ...(http !== null && { http }),
    };
  }

  private required<T>(name: string, read: (value: JsonValue) => T | null): T | null {
    const value = field(this.source, name);
    return value === undefined || value === null ? this.problem(name, 'is missing') : read(value);
  }

  private optional<T>(name: string, read: (value: JsonValue) => T | null): T | null {
    const value = field(this.source, name);
    return value === undefined || value === null ? null : read(value);
  }

  private problem(name: string, rule: string): null {
    this.problems.push(`${name} ${rule}`);
    return null;
  }

  private display(name: string, value: JsonValue, rule: DisplayRule): string | null {
    if (typeof value !== 'string') return this.problem(name, 'must be a text');
    const problem = displayProblem(value, rule);
    return problem === undefined ? value : this.problem(name, problem);
  }

  private id(value: JsonValue): string | null {
    if (typeof value !== 'string' || !ID.test(value)) {
      return this.problem('id', 'must be 1 to 64 letters, digits and hyphens, and not begin with a hyphen');
    }
    return isReserved(value) ? this.problem('id', 'is a name that the host keeps for itself') : value;
  }

  private route(value: JsonValue): string | null {
    if (typeof value !== 'string' || !ROUTE.test(value)) {
      return this.problem(
        'route',
        'must be / and one segment of 1 to 64 letters, digits and hyphens, not beginning with a hyphen',
      );
    }
    return isReserved(value.slice(1)) ? this.problem('route', 'is a name that the host keeps for itself') : value;
  }

  private homepage(value: JsonValue): string | null {
    const rule = `must be an http or https address of at most ${MAX_HOMEPAGE_CHARS} characters, without a password`;
    if (typeof value !== 'string' || value.length > MAX_HOMEPAGE_CHARS || !URL.canParse(value)) {
      return this.problem('homepage', rule);
    }
    const url = new URL(value);
    const allowed = (url.protocol === 'http:' || url.protocol === 'https:') && !url.username && !url.password;
    // The normal form: what is shown and linked is plain ASCII, whatever the parser forgave.
    return allowed ? url.href : this.problem('homepage', rule);
  }

  private protocol(value: JsonValue): ProtocolVersion | null {
    return value === 1 || value === 2 ? value : this.problem('protocol', 'must be 1 or 2');
  }

  private license(value: JsonValue): PluginMetadata['license'] | null {
    return value === 'required' || value === 'none' ? value : this.problem('license', 'must be "required" or "none"');
  }

  private publicPaths(value: JsonValue): string[] | null {
    if (!Array.isArray(value) || value.length > MAX_PUBLIC_PATHS) {
      return this.problem('public_paths', `must be a list of at most ${MAX_PUBLIC_PATHS} paths`);
    }
    const paths = value as readonly JsonValue[];
    if (!paths.every(isPlainPath)) {
      return this.problem(
        'public_paths',
        `must be plain paths of at most ${MAX_PATH_CHARS} characters that begin with /, ` +
          'without dot segments or encoding, and with * only as the last segment',
      );
    }
    return [...new Set(paths)];
  }

  private limits(value: JsonValue): ResourceLimits | null {
    if (!isRecord(value)) return this.problem('limits', 'must be an object');
    const limits: { -readonly [K in keyof ResourceLimits]: number } = {};
    for (const name of LIMITS) {
      const limit = field(value, name);
      if (limit === undefined || limit === null) continue;
      if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1) {
        return this.problem(`limits.${name}`, 'must be a whole number from 1');
      }
      limits[name] = limit;
    }
    return limits;
  }

  private http(value: JsonValue): HttpLimits | null {
    const read = readHttpLimits(value);
    if (read.ok) return read.limits;
    for (const { path, message } of read.errors) this.problem(path === '' ? 'http' : `http.${path}`, message);
    return null;
  }

  private settingsSchema(value: JsonValue): JsonObject | null {
    if (!isRecord(value)) return this.problem('settings_schema', 'must be a JSON Schema object');
    return hasPrototypeKey(value) ? this.problem('settings_schema', 'must have no key __proto__') : value;
  }
}

function isReserved(name: string): boolean {
  return RESERVED_IDS.includes(name.toLowerCase());
}

/** The depth is bounded by the parser. */
function hasPrototypeKey(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value as JsonObject).some(hasPrototypeKey);
}
