import type { InputError } from '@toru/contracts';

/** Names that a field cannot have: a copy of the object could take their values for its prototype (faults 8). */
const UNFIT: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);
/** No input of the API is nested nearly so deep. */
const MAX_DEPTH = 64;
const MAX_ERRORS = 10;
const MAX_NAME_CHARS = 64;

interface Place {
  readonly value: object;
  readonly path: string;
  readonly depth: number;
}

/** One error for each name, at any depth of what a client has sent, that a field cannot have; and one for too much depth. */
export function unfitNames(input: unknown): readonly InputError[] {
  const errors: InputError[] = [];
  const waiting: Place[] = isObject(input) ? [{ value: input, path: '', depth: 1 }] : [];
  for (let place = waiting.pop(); place !== undefined && errors.length < MAX_ERRORS; place = waiting.pop()) {
    const { value, path, depth } = place;
    if (depth > MAX_DEPTH)
      return [{ path: path.split('.')[0] ?? '', message: `is nested deeper than ${MAX_DEPTH} levels` }];
    for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
      const shown = name.slice(0, MAX_NAME_CHARS);
      const at = path === '' ? shown : `${path}.${shown}`;
      if (UNFIT.has(name)) errors.push({ path: at, message: 'is no name that a field can have' });
      else if (isObject(inner)) waiting.push({ value: inner, path: at, depth: depth + 1 });
    }
  }
  return errors;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
