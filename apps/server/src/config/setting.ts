/** A value of a setting that was taken, or what is wrong with it. The text never repeats the value: it may be a secret. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** One setting: where it comes from, what it is when absent, and what it means. The table in the docs is made of these. */
export interface Setting<T> {
  /** The environment variable. */
  readonly name: string;
  /** The default as the documentation shows it. */
  readonly shown: string;
  readonly fallback: T;
  /** `ms`, `bytes`, or nothing. */
  readonly unit?: string;
  readonly meaning: string;
  readonly parse: (text: string) => Parsed<T>;
}

type Options<T> = Pick<Setting<T>, 'meaning' | 'fallback'> & Partial<Pick<Setting<T>, 'shown' | 'unit'>>;

/** A text that is not empty and has no control characters. */
export function text<T extends string | undefined>(
  name: string,
  options: Options<T>,
  check: (value: string) => string | undefined = () => undefined,
): Setting<string | T> {
  return {
    name,
    ...options,
    shown: options.shown ?? options.fallback ?? '',
    parse: (value) => {
      // eslint-disable-next-line no-control-regex -- control characters are what is refused here
      const problem = /[\u0000-\u001f\u007f]/.test(value) ? 'must not contain control characters' : check(value);
      return problem === undefined ? { ok: true, value } : { ok: false, problem };
    },
  };
}

/** A whole number between two bounds, both included. */
export function integer(name: string, min: number, max: number, options: Options<number>): Setting<number> {
  return {
    name,
    ...options,
    shown: options.shown ?? String(options.fallback),
    parse: (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
      return number >= min && number <= max
        ? { ok: true, value: number }
        : { ok: false, problem: `must be a whole number from ${min} to ${max}` };
    },
  };
}

/** `true` or `false`. */
export function flag(name: string, options: Options<boolean>): Setting<boolean> {
  return {
    name,
    ...options,
    shown: options.shown ?? String(options.fallback),
    parse: (value) =>
      value === 'true' || value === 'false'
        ? { ok: true, value: value === 'true' }
        : { ok: false, problem: 'must be true or false' },
  };
}

/** One word of several. */
export function choice<T extends string>(name: string, words: readonly T[], options: Options<T>): Setting<T> {
  return {
    name,
    ...options,
    shown: options.shown ?? options.fallback,
    parse: (value) => {
      const word = words.find((candidate) => candidate === value);
      return word === undefined
        ? { ok: false, problem: `must be one of ${words.join(', ')}` }
        : { ok: true, value: word };
    },
  };
}
