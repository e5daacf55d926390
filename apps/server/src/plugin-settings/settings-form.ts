import type { InputError, JsonObject, JsonValue } from '@toru/contracts';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parseSettingsSchema, type SettingsSchema } from './settings-schema';

/** Own formats: each takes time in proportion to the text, whatever the text is. */
const FORMATS = {
  date: (text: string): boolean => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
    const day = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  },
  email: (text: string): boolean => text.length <= 254 && /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/.test(text),
  password: true,
  textarea: true,
  uri: (text: string): boolean => URL.canParse(text),
} as const;

/** The settings that a plugin declares: which values it takes, which of them are secret, what holds where none is set. */
export class SettingsForm {
  readonly secrets: ReadonlySet<string>;
  readonly defaults: JsonObject;
  private readonly validate: ValidateFunction;

  private constructor(readonly schema: SettingsSchema) {
    const properties = Object.entries(schema.properties);
    this.secrets = new Set(
      properties.filter(([, one]) => one.writeOnly === true || one.format === 'password').map(([name]) => name),
    );
    this.validate = validatorOf(schema);
    const given = properties.flatMap(([name, one]): [string, JsonValue][] =>
      one.default === undefined ? [] : [[name, one.default]],
    );
    this.defaults = Object.fromEntries(given);
  }

  /** The form of a `settings_schema`, or what is wrong with that, as one sentence. */
  static of(source: JsonObject): SettingsForm | string {
    const parsed = parseSettingsSchema(source);
    if (!parsed.ok) return parsed.problem;
    const form = new SettingsForm(parsed.schema);
    const wrong = form.errorsOf(form.defaults)[0];
    return wrong === undefined ? form : `settings_schema.properties.${wrong.path}.default ${wrong.message}`;
  }

  /** One entry for each value that is not valid; a required one that is missing is no error: see `missing`. */
  errorsOf(values: JsonObject): readonly InputError[] {
    const unfit = Object.entries(values).filter(([, value]) => !isFit(value));
    const texts = unfit.map(([path]) => ({ path, message: 'must have no NUL and no half of a character' }));
    if (this.validate(values)) return texts;
    return [...texts, ...(this.validate.errors ?? []).map(toInputError)];
  }

  /** What applies: the values that are set and still valid, and defaults for the rest. */
  effective(values: JsonObject): JsonObject {
    const wrong = new Set(this.errorsOf(values).map((error) => error.path.split('.')[0]));
    const kept = Object.entries(values).filter(([name]) => !wrong.has(name));
    return { ...this.defaults, ...Object.fromEntries(kept) };
  }

  /** Required settings for which there is no value. */
  missing(effective: JsonObject): readonly string[] {
    return this.schema.required.filter((name) => !Object.hasOwn(effective, name));
  }
}

function validatorOf({ properties }: SettingsSchema): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false, strictNumbers: true, ownProperties: true, formats: FORMATS });
  return ajv.compile({ type: 'object', properties, additionalProperties: false });
}

function toInputError({ instancePath, keyword, params, message }: ErrorObject): InputError {
  if (keyword === 'additionalProperties') {
    return { path: String(params.additionalProperty), message: 'is no setting of this plugin' };
  }
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'enum') return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` };
  if (keyword === 'format')
    return { path, message: `must be ${FORMAT_NAMES[params.format as keyof typeof FORMAT_NAMES]}` };
  const limit = String((params as { limit?: unknown }).limit);
  const words = LIMITS[keyword];
  return { path, message: words === undefined ? (message ?? 'is not valid') : words(limit) };
}

/** Every language and database can keep it (faults 29). */
function isFit(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(isFit);
  return typeof value !== 'string' || (!value.includes('\u0000') && !/\p{Surrogate}/u.test(value));
}

const LIMITS: Readonly<Record<string, (limit: string) => string>> = {
  minLength: (limit) => `must have at least ${limit} characters`,
  maxLength: (limit) => `must have at most ${limit} characters`,
  minItems: (limit) => `must have at least ${limit} entries`,
  maxItems: (limit) => `must have at most ${limit} entries`,
  minimum: (limit) => `must be ${limit} or more`,
  maximum: (limit) => `must be ${limit} or less`,
  uniqueItems: () => 'must not have the same entry twice',
};

const FORMAT_NAMES = {
  date: 'a date such as 2026-01-31',
  email: 'an e-mail address',
  uri: 'an address such as https://example.org',
};
