import type { JsonObject, JsonValue } from '@toru/contracts';

/**
 * A value as JSON can carry it, for logs: errors with their stack, no cycles, nothing that throws. Undefined where JSON
 * has nothing for it.
 */
export function toJson(value: unknown): JsonValue | undefined {
  try {
    const text = JSON.stringify(value, replacer()) as string | undefined;
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return '[not to be shown]';
  }
}

/** The fields of an object that JSON has something for. */
export function toJsonObject(fields: Readonly<Record<string, unknown>>): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const json = toJson(value);
    if (json !== undefined) entries.push([name, json]);
  }
  return Object.fromEntries(entries);
}

function replacer(): (this: unknown, key: string, value: unknown) => unknown {
  const ancestors: unknown[] = [];
  return function (_key, value) {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    // `this` is the object that holds the value: whatever is deeper than it is no ancestor any more.
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(value)) return '[circular]';
    const shown = value instanceof Error ? errorFields(value) : value;
    ancestors.push(shown);
    return shown;
  };
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return { name, message, code, stack, cause };
}
