import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NODE_ARGUMENTS } from '../../scripts/lib/node-arguments.mjs';
import { waitFor } from './wait-for';

/** Another build can be named, so that two can be compared. */
const MAIN = process.env['TORU_TEST_SERVER'] ?? path.resolve(import.meta.dirname, '../../dist/apps/server/main.js');
const LOG_TAIL_LINES = 60;
/** Some seconds of a core that others may want as well: only a host that hangs reaches it. */
const START_DEADLINE_MS = 50_000;

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A host as a real child process, with nothing of the environment of whoever runs the tests. */
export class HostProcess {
  private readonly child: ChildProcess;
  private output = '';
  readonly exited: Promise<HostExit>;

  constructor(env: Readonly<Record<string, string>>, nodeArguments: readonly string[] = []) {
    const inherited = Object.fromEntries(
      ['PATH', 'HOME', 'LANG', 'TZ'].flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    this.child = spawn(process.execPath, [...NODE_ARGUMENTS, ...nodeArguments, MAIN], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The host could not be spawned.');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(name);
  }

  /** Everything that the host has printed so far. */
  printed(): string {
    return this.output;
  }

  tail(): string {
    return this.output.split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  /** Waits until it listens and has said so; resolves with its URL. Rejects at once when it ends before that. */
  async url(runDirectory: string): Promise<string> {
    const file = path.join(runDirectory, 'host.json');
    const address = await waitFor('the host to listen', () => (this.isRunning ? this.addressIn(file) : 'ended'), {
      deadlineMs: START_DEADLINE_MS,
      context: () => this.tail(),
    });
    if (this.isRunning) return address;
    const exit = await this.exited;
    throw new Error(`The host ended with ${JSON.stringify(exit)} before it listened:\n${this.tail()}`);
  }

  /** The file of an earlier host on the same directory has another pid. */
  private addressIn(file: string): string | undefined {
    if (!existsSync(file)) return undefined;
    const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; pid: number };
    // the file is there a moment before the last line of what it prints
    return pid === this.pid && /^ {2}Data {5}.*\n/m.test(this.output) ? url : undefined;
  }
}
