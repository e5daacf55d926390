import { isWellFormed } from './json';

export interface DisplayRule {
  /** The longest text, in code points. */
  readonly maxCodePoints: number;
  /** Line breaks and tabs are allowed. */
  readonly lines?: boolean;
}

/** Controls, among them the escape that begins ANSI sequences, and the separators that some readers break lines at. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/** Embeddings, overrides and isolates: they make following text read in another order. */
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

/** What is wrong with a text that people are to be shown; undefined if nothing is. */
export function displayProblem(text: string, { maxCodePoints, lines = false }: DisplayRule): string | undefined {
  if (!isWellFormed(text)) return 'must not hold half a surrogate pair';
  if (CONTROL.test(lines ? text.replace(/[\n\r\t]/g, ' ') : text)) return 'must not hold control characters';
  if (BIDI_CONTROL.test(text)) return 'must not hold characters that change the direction of text';
  if (text.trim() === '') return 'must not be empty';
  return Array.from(text).length > maxCodePoints ? `must have at most ${maxCodePoints} characters` : undefined;
}
