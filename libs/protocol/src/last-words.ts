/** What Node prints behind everything else when it dies of an error. */
const NODE_TRAILER = /^Node\.js v\d/;
/** Below the place in the source: the error itself comes next. */
const CARET = /^\s*\^+$/;
/** What runtimes print around the line that names the error. */
const ASIDE = [
  NODE_TRAILER,
  CARET,
  /^\s+at /,
  /^\s+\.{3} \d+ lines matching /,
  /^Emitted '[^']+' event /,
  /^\(Use `node --trace-/,
  /^stack backtrace:$/,
  /^\s+\d+: /,
  /^note: (run with `RUST_BACKTRACE|Some details are omitted)/,
];

/**
 * What a process died of, as its error output tells: the last line, or the one that names the error where a runtime prints
 * more behind it: Node its stack, the error's fields and its version, Rust its backtrace and a note. Undefined where there
 * is nothing but white space.
 * @param lines what it printed, oldest first, without line ends
 */
export function lastWords(lines: readonly string[]): string | undefined {
  const printed = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  const last = printed.at(-1);
  if (last === undefined) return undefined;
  return (NODE_TRAILER.test(last) ? belowCaret(printed) : undefined) ?? lastOfImportance(printed) ?? last.trim();
}

/** The error's first line, of however many. */
function belowCaret(printed: readonly string[]): string | undefined {
  const caret = printed.findLastIndex((line) => CARET.test(line));
  const error = caret === -1 ? undefined : printed[caret + 1];
  return error === undefined || isAside(error) ? undefined : error.trim();
}

function lastOfImportance(printed: readonly string[]): string | undefined {
  let isInFields = false;
  for (const line of printed.toReversed()) {
    // the fields of an error, from their end to the frame that they begin behind
    isInFields = line === '}' || (isInFields && /^\s/.test(line));
    if (!isInFields && !isAside(line)) return line.trim();
  }
  return undefined;
}

function isAside(line: string): boolean {
  return ASIDE.some((pattern) => pattern.test(line));
}
