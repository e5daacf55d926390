import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
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

/** What ends a process: by asking, or at once. */
export type EndingSignal = 'SIGTERM' | 'SIGKILL';

/** A process that runs, or ran. */
export interface SpawnedProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the leader has ended, also while a grandchild still holds its output. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Signals every process of the group; harmless when none is left. */
  signalGroup(signal: EndingSignal): void;
  /**
   * Where it is kept account of (`ProcessLedger`): ends what it has started and left behind, in whatever group or session,
   * and strikes it off. Call it once, after the end.
   */
  endLeftovers?(): Promise<void>;
  /** Why the host ended it, where it did so without having been asked to. */
  endedBecause?: string;
  /** What the kernel has counted in its own cgroup, where it has one: known after `endLeftovers`. */
  memoryEvents?: MemoryEvents;
}

export interface SpawnOptions {
  readonly file: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  /** Added to what of the host's own environment a plugin may see. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that becomes the file: it is given the file and its arguments as its last arguments. */
  readonly launcher?: readonly string[];
}

/** What the kernel has counted of the memory of a process and of all that it has started. */
export interface MemoryEvents {
  /** How often they wanted more than they may have, and nothing could be taken back. */
  readonly overBound: number;
  /** How many of them were ended for that, or because the machine or the service had no more. */
  readonly killed: number;
  /** What they may have, in bytes; undefined where the kernel does not hold it. */
  readonly boundBytes: number | undefined;
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

/** Whoever was to start a program has ended meanwhile: it may run, or not. */
export class UnknownStartError extends Error {
  override readonly name = 'UnknownStartError';

  constructor() {
    super('the process that was to start it has ended');
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

/** What is started, once it is known to be a program. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it: nothing of the environment of whoever starts it. */
  readonly env: Readonly<Record<string, string>>;
}

/** A program that was started. */
export type Started = Pick<SpawnedProcess, 'pid' | 'stdout' | 'stderr' | 'exited'>;

/** How programs are started: rejects with `SpawnError` and leaves nothing behind, or with `UnknownStartError`. */
export type Starter = (program: Program) => Promise<Started>;

/** Starts a file without a shell, in a process group of its own. Rejects with `SpawnError` and leaves nothing behind. */
export async function spawnProcess(options: SpawnOptions, starter: Starter = startHere): Promise<SpawnedProcess> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await spawnOnce(options, starter);
    } catch (error) {
      if (!(error instanceof SpawnError) || error.code !== 'ETXTBSY' || attempt >= BUSY_RETRIES) throw error;
      await delay(BUSY_RETRY_MS);
    }
  }
}

async function spawnOnce(options: SpawnOptions, starter: Starter): Promise<SpawnedProcess> {
  const { file, args = [], cwd, env, launcher = [] } = options;
  // execvp() hands a file that the kernel refuses to /bin/sh, which would run a foreign binary as a script
  if (isProgram(file) === false) throw new SpawnError('ENOEXEC', undefined);
  if (options.launcher !== undefined) await checkExecutable(file);
  const [command = file, ...rest] = [...launcher, file, ...args];
  const started = await starter({ command, args: rest, cwd, env: { ...inheritedEnvironment(), ...env } });
  return {
    ...started,
    signalGroup: (signal) => {
      signalGroup(started.pid, signal);
    },
  };
}

/** What the launcher would meet, while it can still be told from an end of the program itself. */
async function checkExecutable(file: string): Promise<void> {
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    throw new SpawnError(errorCode(error), error);
  }
}

/** As a child of this process. */
export async function startHere(program: Program): Promise<Started> {
  const child = startProgram(program, ['ignore', 'pipe', 'pipe']);
  const pid = await pidOf(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('a child with pipes has none');
  return { pid, stdout, stderr, exited };
}

/** Throws `SpawnError`, or tells by `pidOf` that it could not be started. */
export function startProgram({ command, args, cwd, env }: Program, stdio: StdioOptions): ChildProcess {
  try {
    return spawn(command, args, { cwd, env, detached: true, shell: false, stdio });
  } catch (error) {
    throw new SpawnError(errorCode(error), error);
  }
}

/** Rejects with `SpawnError` where there is none. */
export async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) {
    // after a spawn that worked, 'error' can only come from a kill or a send, which nobody does
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

/** Signals every process of the group that `pid` leads; harmless when none is left. */
export function signalGroup(pid: number, signal: EndingSignal): void {
  kill(-pid, signal);
}

/** Signals one process. Whoever calls has made sure in the same tick that the pid is still the one that is meant. */
export function signalProcess(pid: number, signal: EndingSignal): void {
  kill(pid, signal);
}

function kill(target: number, signal: EndingSignal): void {
  // 0 and -1 would be the host's own group and everything; a pid from a file may be anything
  if (!Number.isSafeInteger(target) || Math.abs(target) <= 1) return;
  try {
    process.kill(target, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: what is left is not ours any more (a set-user-id program); nothing more can be done.
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}
