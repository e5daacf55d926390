import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UnavailablePeerError } from '../harness/bench';
import type { Executables, Language } from './language';

const START_MS = 20_000;
const LOOK_MS = 20;

/** Outside of the checkout, whose package.json would make Node read the files in another way. */
const built = mkdtempSync('/tmp/toru-bench-built-');
process.once('exit', () => rmSync(built, { recursive: true, force: true }));

const builds = new Map<Language, Promise<Executables>>();
const run = promisify(execFile);

/** One of the language's executables, built once in a run. */
export async function executableOf(language: Language, kind: keyof Executables): Promise<string> {
  let build = builds.get(language);
  if (!build) {
    build = language.build(buildDirectory(language.name));
    builds.set(language, build);
  }
  const file = (await build)[kind];
  if (file === undefined) throw new UnavailablePeerError(`there is no ${kind} in ${language.name}`);
  return file;
}

export function buildDirectory(name: string): string {
  const directory = path.join(built, name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'));
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Runs it to its end, and gives what it printed. */
export async function outputOf(file: string, args: readonly string[]): Promise<string> {
  return (await run(file, [...args])).stdout;
}

/** An executable that listens on a socket of its own, and a connection to it. */
export class SocketProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
    readonly socketPath: string,
  ) {}

  static async start(file: string): Promise<SocketProcess> {
    const directory = mkdtempSync('/tmp/toru-bench-');
    const socketPath = path.join(directory, 's');
    const child = spawn(file, { env: { ...process.env, TORU_PLUGIN_SOCKET: socketPath }, stdio: 'inherit' });
    process.once('exit', () => child.kill('SIGKILL'));
    return new SocketProcess(child, directory, socketPath);
  }

  /** A new connection; waits for the first one until the process listens. */
  async connect(): Promise<Socket> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      try {
        return await connected(this.socketPath);
      } catch (error) {
        const ended = this.child.exitCode !== null || this.child.signalCode !== null;
        if (ended || performance.now() > deadline) throw error;
        await delay(LOOK_MS);
      }
    }
  }

  async stop(): Promise<void> {
    const ended = this.child.exitCode !== null || this.child.signalCode !== null;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    if (!ended && this.child.kill('SIGKILL')) await exited;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function connected(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
