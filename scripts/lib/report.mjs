/**
 * A failure that was foreseen. It is shown as one line that programs can read, `error[code]: message`, and a line that
 * says what to do; never with a stack trace.
 */
export class ScriptError extends Error {
  constructor(code, message, hint) {
    super(message);
    this.name = 'ScriptError';
    this.code = code;
    this.hint = hint;
  }
}

export function say(text) {
  console.log(text);
}

/** `850 ms`, `4.2 s`, `2 min 5 s`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const PROGRESS_INTERVAL_MS = 15_000;

/** Waits for `body`, and says every 15 s that it is still going on: `  still building console, 15.0 s ...`. */
export async function withProgress(what, body, tell = say, intervalMs = PROGRESS_INTERVAL_MS) {
  const begin = Date.now();
  const progress = setInterval(() => tell(`  still ${what}, ${duration(Date.now() - begin)} ...`), intervalMs);
  try {
    return await body();
  } finally {
    clearInterval(progress);
  }
}

/** Runs a script's body; its result is the exit status (nothing means 0). */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(`error[${error.code}]: ${error.message}`);
    if (error.hint) console.error(`  -> ${error.hint}`);
    process.exitCode = 1;
  }
}
