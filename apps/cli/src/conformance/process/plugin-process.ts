import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { lastWords } from '@toru/protocol';
import { pluginEnvironment } from './plugin-environment';
import { findMarked, forksSoFar, MARKER_VARIABLE, type FirstMarked } from './stray-processes';

/* The only file of this application that starts or signals processes. */

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A text that no other process has; see `stray-processes.ts`. */
  readonly marker: string;
  /** Called with every piece of standard output, where somebody wants it. */
  readonly onStdout?: (chunk: Buffer) => void;
}

/** The system refused to start the file. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What of the output is kept for messages. */
const TAIL_BYTES = 2048;
/** Another process may have the file open for writing still (ETXTBSY): a moment later it has not. */
const BUSY_RETRIES = 20;
const BUSY_RETRY_MS = 25;
/** How long a process that was killed has to be gone, and how often it is tried: one may wait for a disk for ever. */
const KILLED_MS = 5;
const KILL_ROUNDS = 10;

const living = new Set<PluginProcess>();

/** Whatever ends this process, no plugin outlives it. */
process.on('exit', () => {
  for (const plugin of living) plugin.killAll();
});

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A process of the plugin, in a process group of its own; its output is always read. */
export class PluginProcess {
  readonly exited: Promise<Exit>;
  readonly #first: FirstMarked;
  #exit: Exit | undefined;
  #tail = Buffer.alloc(0);

  private constructor(
    readonly pid: number,
    marker: string,
    private readonly child: Child,
    onStdout: ((chunk: Buffer) => void) | undefined,
  ) {
    living.add(this);
    this.#first = { marker, pid, forks: forksSoFar() };
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    child.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-TAIL_BYTES);
      });
      stream.on('error', () => undefined);
    }
    if (onStdout) child.stdout.on('data', onStdout);
  }

  /** Rejects with `StartError`. */
  static async start(options: StartOptions): Promise<PluginProcess> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await PluginProcess.#startOnce(options);
      } catch (error) {
        if (!isBusy(error) || attempt >= BUSY_RETRIES) throw error;
        await delay(BUSY_RETRY_MS);
      }
    }
  }

  static async #startOnce({ file, args, cwd, env, marker, onStdout }: StartOptions): Promise<PluginProcess> {
    const child = spawn(file, args, {
      cwd,
      env: pluginEnvironment({ ...env, [MARKER_VARIABLE]: marker }),
      detached: true,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) return new PluginProcess(child.pid, marker, child, onStdout);
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new StartError(`the system does not start it (${codeOf(error)})`, { cause: error });
  }

  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The last that it printed, or the error that it died of, as plain text in one line; empty if there is none. */
  get lastWords(): string {
    const words = lastWords(this.#tail.toString('utf8').split('\n')) ?? '';
    return words.replace(/\p{Cc}/gu, ' ').slice(0, 200);
  }

  /** The exit, or undefined if it still runs after so many milliseconds. */
  async exitWithin(ms: number): Promise<Exit | undefined> {
    const timer = new AbortController();
    const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      timer.abort();
    }
  }

  /** Resolves when nobody holds its output any more, or after so many milliseconds. */
  async outputClosed(ms: number): Promise<void> {
    const timer = new AbortController();
    const closed = (stream: Readable): Promise<unknown> =>
      stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', resolve));
    const all = Promise.all([closed(this.child.stdout), closed(this.child.stderr)]);
    await Promise.race([all, delay(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  /** To the leader alone, as an operator would. */
  terminate(): void {
    if (!this.#exit) signal(this.pid, 'SIGTERM');
  }

  /** Others than the leader that are left of it, wherever they are. */
  leftovers(): number[] {
    return findMarked(this.#first).filter((pid) => pid !== this.pid || this.#exit === undefined);
  }

  /** Ends it with everything that it started. Resolves when the leader is gone. */
  async end(): Promise<void> {
    signal(-this.pid, 'SIGKILL');
    await this.exited;
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    // again as long as there was somebody, who may have started more in the last moment
    for (let round = 0; round < KILL_ROUNDS && this.killAll() > 0; round++) await delay(KILLED_MS);
    living.delete(this);
  }

  /** How many there were beside its own group. */
  killAll(): number {
    signal(-this.pid, 'SIGKILL');
    const left = findMarked(this.#first);
    for (const pid of left) signal(pid, 'SIGKILL');
    return left.length;
  }
}

/** How a process ended, in words. */
export function describeExit({ code, signal: by }: Exit): string {
  return by === null ? `ended with status ${code}` : `was ended by ${by}`;
}

function isBusy(error: unknown): boolean {
  return error instanceof StartError && codeOf(error.cause) === 'ETXTBSY';
}

function codeOf(error: unknown): string {
  // not instanceof: an error of the system may come from another realm
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: it is not ours any more.
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error;
  }
}
