import { isRecord } from './json';

/** What stands in the place of a value while it is edited: what the field of its kind works with. */
export type Draft = string | boolean | number | null | readonly (string | number | boolean)[] | SecretDraft;

/** A secret is never shown: it stays as it is, gets another value, or none. */
export type SecretDraft = { readonly action: 'keep' | 'clear' } | { readonly action: 'replace'; readonly text: string };

export type SettingKind = 'text' | 'multiline' | 'number' | 'switch' | 'choice' | 'choices' | 'list' | 'secret';

/** One setting of a plugin, read from its property in the flat JSON Schema that the server gives (ADR 10). */
export interface Setting {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly kind: SettingKind;
  /** Of the field for `text`. */
  readonly inputType: 'text' | 'date' | 'email' | 'url';
  readonly required: boolean;
  /** A text that may be empty although it has a default. */
  readonly mayBeEmpty: boolean;
  /** A secret of several lines, such as a key. */
  readonly multiline: boolean;
  /** What one value is, of a number or of the items of a list. */
  readonly number: 'any' | 'whole' | null;
  readonly choices: readonly (string | number | boolean)[];
  /** Bounds of a number, or of the length of a text or list. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Undefined: none. */
  readonly fallback: unknown;
}

const INPUT_TYPES: Readonly<Record<string, Setting['inputType']>> = { date: 'date', email: 'email', uri: 'url' };

/** The settings in the order of the schema; a property that is no object is left out. */
export function settingsOf(schema: Readonly<Record<string, unknown>>): readonly Setting[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : []);
  return Object.entries(properties).flatMap(([name, property]) =>
    isRecord(property) ? [toSetting(name, property, required.has(name))] : [],
  );
}

function toSetting(name: string, property: Readonly<Record<string, unknown>>, required: boolean): Setting {
  const { type, format } = property;
  const value = type === 'array' && isRecord(property['items']) ? property['items'] : property;
  const choices = choicesOf(value, required);
  const inputType = INPUT_TYPES[String(format)] ?? 'text';
  const [lower, upper] =
    type === 'array'
      ? ['minItems', 'maxItems']
      : type === 'string'
        ? ['minLength', 'maxLength']
        : ['minimum', 'maximum'];
  return {
    ...{ name, required, choices, inputType },
    label: text(property['title']) || name,
    description: text(property['description']),
    kind: kindOf(property, choices.length > 0),
    mayBeEmpty: inputType === 'text' && !(Number(property['minLength']) > 0),
    multiline: format === 'textarea',
    number: value['type'] === 'integer' ? 'whole' : value['type'] === 'number' ? 'any' : null,
    minimum: numberOf(property[lower]),
    maximum: numberOf(property[upper]),
    fallback: property['default'],
  };
}

function choicesOf(value: Readonly<Record<string, unknown>>, required: boolean): Setting['choices'] {
  // a switch has no third position: one that must be set and is not yet has to be chosen
  if (value['type'] === 'boolean' && required && value['default'] === undefined) return [true, false];
  const choices: readonly unknown[] = Array.isArray(value['enum']) ? value['enum'] : [];
  return choices.filter((one): one is string | number => typeof one === 'string' || typeof one === 'number');
}

function kindOf(property: Readonly<Record<string, unknown>>, hasChoices: boolean): SettingKind {
  const { type, format } = property;
  if (property['writeOnly'] === true || format === 'password') return 'secret';
  if (type === 'array') return hasChoices ? 'choices' : 'list';
  if (hasChoices) return 'choice';
  if (type === 'boolean') return 'switch';
  if (type === 'number' || type === 'integer') return 'number';
  return format === 'textarea' ? 'multiline' : 'text';
}

/** What a field says below itself while nothing is wrong: what it is for, its bounds, its default. */
export function hintOf(setting: Setting): string {
  const parts = [setting.description, boundsOf(setting), defaultOf(setting)];
  return parts.filter((part) => part !== '').join(' ');
}

function boundsOf({ kind, minimum, maximum }: Setting): string {
  if (kind !== 'number' || (minimum === null && maximum === null)) return '';
  if (minimum === null) return `At most ${maximum}.`;
  return maximum === null ? `At least ${minimum}.` : `${minimum} to ${maximum}.`;
}

function defaultOf({ kind, fallback }: Setting): string {
  if (fallback === undefined || fallback === '' || kind === 'secret') return '';
  if (typeof fallback === 'boolean') return `Default: ${fallback ? 'on' : 'off'}`;
  if (Array.isArray(fallback)) return fallback.length === 0 ? '' : `Default: ${fallback.join(', ')}`;
  return typeof fallback === 'string' || typeof fallback === 'number' ? `Default: ${fallback}` : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
