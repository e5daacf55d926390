import type { JsonObject, JsonValue } from '@toru/contracts';

/** How many settings one plugin may have. */
export const MAX_SETTINGS = 64;
const MAX_TEXT_CHARS = 1000;
const MAX_CHOICES = 100;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['constructor', 'prototype', 'toString', 'valueOf']);

const TYPES = ['string', 'number', 'integer', 'boolean', 'array'] as const;
const ITEM_TYPES = ['string', 'number', 'integer'] as const;
export const SETTING_FORMATS = ['date', 'email', 'password', 'textarea', 'uri'] as const;

/** Keywords that say nothing about which values are valid, and may stand anywhere. */
const REMARKS: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'examples', 'deprecated', 'readOnly']);

/** What a plugin's `settings_schema` may say, as an object of our own making: nothing in it runs, nothing refers elsewhere. */
export interface SettingsSchema {
  readonly type: 'object';
  readonly title?: string;
  readonly description?: string;
  readonly properties: Readonly<Record<string, JsonObject>>;
  readonly required: readonly string[];
}

export type ParsedSchema =
  | { readonly ok: true; readonly schema: SettingsSchema }
  /** One sentence for the plugin's author. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a plugin's `settings_schema` (protocol §1). It is a form for people, so it is flat: an object of strings, numbers,
 * switches and lists. What could run code, refer elsewhere or take unbounded time (`pattern`, `$ref`, combinations) is
 * refused with the place and the reason.
 */
export function parseSettingsSchema(source: JsonObject): ParsedSchema {
  try {
    return { ok: true, schema: parseRoot(source) };
  } catch (error) {
    if (error instanceof SchemaProblem) return { ok: false, problem: error.message };
    throw error;
  }
}

class SchemaProblem extends Error {
  constructor(path: string, problem: string) {
    super(`settings_schema${path} ${problem}`);
  }
}

function parseRoot(source: JsonObject): SettingsSchema {
  const known = ['type', 'title', 'description', 'properties', 'required', 'additionalProperties'];
  refuseUnknown(source, known, '');
  if (source.type !== 'object') throw new SchemaProblem('.type', 'must be "object"');
  const given = source.properties ?? {};
  if (!isObject(given)) throw new SchemaProblem('.properties', 'must be an object');
  const names = Object.keys(given);
  if (names.length > MAX_SETTINGS) throw new SchemaProblem('.properties', `must have at most ${MAX_SETTINGS} entries`);
  const properties = names.map((name): [string, JsonObject] => [name, parseProperty(name, given[name])]);
  return {
    type: 'object',
    ...texts(source, ''),
    properties: Object.fromEntries(properties),
    required: parseRequired(source.required, names),
  };
}

function parseRequired(source: JsonValue | undefined, names: readonly string[]): readonly string[] {
  if (source === undefined) return [];
  const unknown = isList(source) ? source.find((name) => typeof name !== 'string' || !names.includes(name)) : source;
  if (unknown === undefined && isList(source)) return [...new Set(source as readonly string[])];
  throw new SchemaProblem('.required', 'must be a list of names of its properties');
}

function parseProperty(name: string, source: JsonValue | undefined): JsonObject {
  const path = `.properties.${NAME.test(name) ? name : JSON.stringify(name.slice(0, 70))}`;
  if (!NAME.test(name) || FORBIDDEN_NAMES.has(name)) {
    throw new SchemaProblem(
      path,
      'is no name for a setting: 1 to 64 letters, digits and _, beginning with a letter, and none that every object has (constructor, prototype, toString, valueOf)',
    );
  }
  if (!isObject(source)) throw new SchemaProblem(path, 'must be an object');
  const type = TYPES.find((each) => each === source.type);
  if (type === undefined) throw new SchemaProblem(`${path}.type`, `must be one of ${TYPES.join(', ')}`);
  const common = { type, ...texts(source, path) };
  refuseUnknown(source, ['type', 'title', 'description', 'default', ...KEYWORDS[type]], path);
  const property = { ...common, ...LIMITS[type](source, path) };
  return source.default === undefined ? property : { ...property, default: copyOf(source.default, `${path}.default`) };
}

const KEYWORDS: Readonly<Record<(typeof TYPES)[number], readonly string[]>> = {
  string: ['enum', 'minLength', 'maxLength', 'format', 'writeOnly'],
  number: ['enum', 'minimum', 'maximum'],
  integer: ['enum', 'minimum', 'maximum'],
  boolean: [],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
};

const LIMITS: Readonly<Record<(typeof TYPES)[number], (source: JsonObject, path: string) => JsonObject>> = {
  string: (source, path) => ({
    ...choices(source, 'string', path),
    ...numbers(source, ['minLength', 'maxLength'], path, true),
    ...format(source, path),
    ...flag(source, 'writeOnly', path),
  }),
  number: (source, path) => ({
    ...choices(source, 'number', path),
    ...numbers(source, ['minimum', 'maximum'], path, false),
  }),
  integer: (source, path) => ({
    ...choices(source, 'number', path),
    ...numbers(source, ['minimum', 'maximum'], path, false),
  }),
  boolean: () => ({}),
  array: (source, path) => ({
    ...items(source.items, `${path}.items`),
    ...numbers(source, ['minItems', 'maxItems'], path, true),
    ...flag(source, 'uniqueItems', path),
  }),
};

function items(source: JsonValue | undefined, path: string): JsonObject {
  if (!isObject(source)) throw new SchemaProblem(path, 'must be an object');
  const type = ITEM_TYPES.find((each) => each === source.type);
  if (type === undefined) throw new SchemaProblem(`${path}.type`, `must be one of ${ITEM_TYPES.join(', ')}`);
  refuseUnknown(source, ['type', 'title', 'description', ...KEYWORDS[type].filter((key) => key !== 'writeOnly')], path);
  return { items: { type, ...LIMITS[type](source, path) } };
}

function choices(source: JsonObject, type: 'string' | 'number', path: string): JsonObject {
  const given = source.enum;
  if (given === undefined) return {};
  if (!isList(given) || given.length === 0 || given.length > MAX_CHOICES || given.some((one) => typeof one !== type)) {
    throw new SchemaProblem(`${path}.enum`, `must be a list of 1 to ${MAX_CHOICES} ${type}s`);
  }
  return { enum: [...given] };
}

function numbers(source: JsonObject, keys: readonly string[], path: string, count: boolean): JsonObject {
  const found: [string, number][] = [];
  for (const key of keys) {
    const value = source[key];
    if (value === undefined) continue;
    if (typeof value !== 'number' || (count && (!Number.isInteger(value) || value < 0))) {
      throw new SchemaProblem(`${path}.${key}`, count ? 'must be a whole number from 0 on' : 'must be a number');
    }
    found.push([key, value]);
  }
  return Object.fromEntries(found);
}

function format(source: JsonObject, path: string): JsonObject {
  if (source.format === undefined) return {};
  const known = SETTING_FORMATS.find((each) => each === source.format);
  if (known === undefined) throw new SchemaProblem(`${path}.format`, `must be one of ${SETTING_FORMATS.join(', ')}`);
  return { format: known };
}

function flag(source: JsonObject, key: string, path: string): JsonObject {
  const value = source[key];
  if (value === undefined) return {};
  if (typeof value !== 'boolean') throw new SchemaProblem(`${path}.${key}`, 'must be true or false');
  return { [key]: value };
}

function texts(source: JsonObject, path: string): { title?: string; description?: string } {
  const text = (key: 'title' | 'description') => {
    const value = source[key];
    if (value === undefined) return {};
    if (typeof value === 'string' && value.length <= MAX_TEXT_CHARS) return { [key]: value };
    throw new SchemaProblem(`${path}.${key}`, `must be a text of at most ${MAX_TEXT_CHARS} characters`);
  };
  return { ...text('title'), ...text('description') };
}

function refuseUnknown(source: JsonObject, known: readonly string[], path: string): void {
  const unknown = Object.keys(source).find((key) => !known.includes(key) && !REMARKS.has(key) && !key.startsWith('x-'));
  if (unknown === undefined) return;
  throw new SchemaProblem(path, `has ${JSON.stringify(unknown.slice(0, 70))}, which settings do not support here`);
}

/** Scalars and flat lists of them: nothing else can be a setting. */
function copyOf(value: JsonValue, path: string): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value) && value.every((item) => item === null || typeof item !== 'object')) return [...value];
  throw new SchemaProblem(path, 'must be a value or a list of values');
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
