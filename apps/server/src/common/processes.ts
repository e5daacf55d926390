import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './error-code';
import { isProgram } from './program-file';

/*
 * The only file that spawns or signals processes. Every child leads a process group of its own (ISO-1), so that what
 * it started goes with it, and nothing is ever signalled through a child that has no pid: in Node, `kill()` on a
 * failed spawn can reach the host's own group.
 */

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that runs, or ran. */
export interface SpawnedProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the leader has ended, also while a grandchild still holds its output. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Signals every process of the group; harmless when none is left. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface SpawnOptions {
  readonly file: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  /** Added to what of the host's own environment a plugin may see. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The system refused to start the file; the message is the system's reason in words. */
export class SpawnError extends Error {
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(SPAWN_REASONS.get(code) ?? `the system refused to start it (${code})`, { cause });
    this.name = 'SpawnError';
    this.code = code;
  }
}

const SPAWN_REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'the file, or the interpreter that its first line names, does not exist (ENOENT)'],
  ['EACCES', 'the file may not be executed: no execute permission, or its file system is mounted noexec (EACCES)'],
  ['ENOEXEC', 'the file is no program for this machine: wrong architecture, or no #! line (ENOEXEC)'],
  ['EMFILE', 'the host has no file descriptors left (EMFILE)'],
  ['EAGAIN', 'the limit of processes is reached (EAGAIN)'],
  ['ENOMEM', 'there is not enough memory (ENOMEM)'],
]);

/** What of the host's environment a plugin sees (protocol §1). Everything else, the host's secrets too, stays here. */
const ENVIRONMENT_ALLOW_LIST: readonly string[] = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
];

/** A file that was just written can be busy while another spawn still holds its descriptor; it clears by itself. */
const BUSY_RETRIES = 20;
const BUSY_RETRY_MS = 25;

/** Starts a file without a shell, in a process group of its own. Rejects with `SpawnError` and leaves nothing behind. */
export async function spawnProcess(options: SpawnOptions): Promise<SpawnedProcess> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await spawnOnce(options);
    } catch (error) {
      if (!(error instanceof SpawnError) || error.code !== 'ETXTBSY' || attempt >= BUSY_RETRIES) throw error;
      await delay(BUSY_RETRY_MS);
    }
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

async function spawnOnce(options: SpawnOptions): Promise<SpawnedProcess> {
  // execvp() hands a file that the kernel refuses to /bin/sh, which would run a foreign binary as a script
  if ((await isProgram(options.file)) === false) throw new SpawnError('ENOEXEC', undefined);
  const child = startChild(options);
  const pid = await pidOf(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return {
    pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    signalGroup: (signal) => {
      signalGroup(pid, signal);
    },
  };
}

function startChild({ file, args = [], cwd, env = {} }: SpawnOptions): Child {
  try {
    return spawn(file, args, {
      cwd,
      env: { ...inheritedEnvironment(), ...env },
      detached: true,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw new SpawnError(errorCode(error), error);
  }
}

async function pidOf(child: Child): Promise<number> {
  if (child.pid !== undefined) {
    // after a spawn that worked, 'error' can only come from a kill or a send, which this file does not do
    child.on('error', () => undefined);
    return child.pid;
  }
  const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
  throw new SpawnError(errorCode(error), error);
}

function inheritedEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of ENVIRONMENT_ALLOW_LIST) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: what is left is not ours any more (a set-user-id program); nothing more can be done.
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}

/** What `runOnce` saw. */
export type RunOutcome =
  | (Exit & { readonly kind: 'exited'; readonly stdout: Buffer; readonly stderrTail: string })
  | {
      readonly kind: 'timeout' | 'output_too_large' | 'spawn_failed' | 'aborted';
      readonly message: string;
      readonly stderrTail: string;
    };

export interface RunOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

/** How long output may still come after the leader has ended, before a grandchild that holds it is ended too. */
const LINGER_MS = 250;
/** How long what is left in the pipes is read after that; a descendant that left the group can hold them for ever. */
const LAST_READ_MS = 2_000;
const STDERR_TAIL_BYTES = 2048;

/**
 * Runs a file to its end and keeps what it printed. Bounded in time and output; the whole group is ended with SIGKILL
 * on a time-out, on an overflow, by the signal, and when the leader has ended while a grandchild holds its output (faults 4).
 */
export async function runOnce(file: string, args: readonly string[], options: RunOptions): Promise<RunOutcome> {
  let child: SpawnedProcess;
  try {
    child = await spawnProcess({ file, args, cwd: options.cwd, ...(options.env && { env: options.env }) });
  } catch (error) {
    return { kind: 'spawn_failed', message: error instanceof Error ? error.message : String(error), stderrTail: '' };
  }
  const output: Buffer[] = [];
  let size = 0;
  let stderr = Buffer.alloc(0);
  const overflow = new Promise<'overflow'>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= options.maxOutputBytes) output.push(chunk);
      else resolve('overflow');
    });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL_BYTES);
  });
  const closed = Promise.all([closeOf(child.stdout), closeOf(child.stderr)]);
  const timer = new AbortController();
  const signal = options.signal === undefined ? timer.signal : AbortSignal.any([timer.signal, options.signal]);
  const timeout = delay(options.timeoutMs, 'timeout' as const, { signal }).catch(() => 'aborted' as const);

  const first = await Promise.race([child.exited, overflow, timeout]);
  const exited = typeof first === 'object';
  if (exited) await Promise.race([closed, wait(LINGER_MS, timer.signal)]);
  child.signalGroup('SIGKILL');
  // now the pipes have no writer but one that left the group: what is in them is read to its end, also by a host that is
  // so busy that it slept through the wait
  if (exited) await Promise.race([closed, wait(LAST_READ_MS, timer.signal)]);
  timer.abort();
  child.stdout.destroy();
  child.stderr.destroy();
  await child.exited;

  const stderrTail = stderr.toString('utf8').trim();
  if (first === 'timeout')
    return { kind: 'timeout', message: `it did not end within ${options.timeoutMs} ms`, stderrTail };
  if (first === 'aborted') return { kind: 'aborted', message: 'it was ended before it had answered', stderrTail };
  if (first === 'overflow' || size > options.maxOutputBytes) {
    return { kind: 'output_too_large', message: `it printed more than ${options.maxOutputBytes} bytes`, stderrTail };
  }
  return { kind: 'exited', ...first, stdout: Buffer.concat(output), stderrTail };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
  });
}
