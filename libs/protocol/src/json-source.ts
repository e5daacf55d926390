import type { ParsedJson } from './json';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The text of the value at `path`, without the whitespace between its tokens.
 *
 * Parsing and printing again would change what does not fit a double (`12345678901234567890`), so a JSON value that is
 * to be passed on as text is cut out of the text it came in. Of duplicate keys the last one counts, as in `JSON.parse`.
 * The text is known to be valid JSON, and the path to exist in it.
 */
export function jsonSource({ text }: ParsedJson, path: readonly string[]): string {
  let start = skipSpace(text, 0);
  for (const key of path) start = memberStart(text, start, key);
  return compact(text, start);
}

/** Where the value of a member begins, in the object that begins at `objectStart`. */
function memberStart(text: string, objectStart: number, key: string): number {
  let found = objectStart;
  let at = skipSpace(text, objectStart + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const name = JSON.parse(text.slice(at, keyEnd)) as string;
    const colon = skipSpace(text, keyEnd);
    const value = skipSpace(text, colon + 1);
    if (name === key) found = value;
    at = skipSpace(text, valueEnd(text, value));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
}

/** Where the value that begins at `start` ends. */
function valueEnd(text: string, start: number): number {
  return walk(text, start, () => undefined);
}

function compact(text: string, start: number): string {
  const parts: string[] = [];
  walk(text, start, (from, to) => parts.push(text.slice(from, to)));
  return parts.join('');
}

/** Visits the tokens of the value that begins at `start`; returns where it ends. Iterative, linear. */
function walk(text: string, start: number, visit: (from: number, to: number) => void): number {
  let at = start;
  let depth = 0;
  do {
    at = skipSpace(text, at);
    const char = text[at];
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    const to = tokenEnd(text, at, char);
    visit(at, to);
    at = to;
  } while (depth > 0 && at < text.length);
  return at;
}

function tokenEnd(text: string, at: number, char = ''): number {
  switch (char) {
    case '{':
    case '}':
    case '[':
    case ']':
    case ',':
    case ':':
      return at + 1;
    case '"':
      return stringEnd(text, at);
    default:
      return scalarEnd(text, at);
  }
}

// Plain loops: a regular expression would keep a way back for every character of a string of megabytes.

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

/** Behind the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === BACKSLASH) i++;
    else if (char === QUOTE) return i + 1;
  }
  return text.length;
}

/** Behind the number or literal that begins at `from`. */
function scalarEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== ',' && text[at] !== ']' && text[at] !== '}' && !isSpace(text[at])) at++;
  return at;
}
