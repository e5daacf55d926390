import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PROGRAMS = path.join(import.meta.dirname, 'programs');
/** Inside of the checkout, where Node finds the packages that the programs import. */
const BUILT = path.join(ROOT, '.cache/bench-gateway');

const run = promisify(execFile);
const builds = new Map<string, Promise<string>>();

/** One of `programs/` as a process of its own. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Resolves once it has said on which port it listens. */
  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const file = await programFile(name);
    const child = spawn(process.execPath, [file], {
      ...{ env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    const [port] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [string | number | null];
    if (typeof port !== 'string') throw new Error(`${name} ended before it listened`);
    return new Program(child, Number(port));
  }

  get pid(): number {
    return this.child.pid!;
  }

  async stop(): Promise<void> {
    await killed(this.child);
  }
}

/** One of `programs/` as a file for Node, built once in a run. */
export function programFile(name: string): Promise<string> {
  return builtOnce(`${name}.mjs`, (outfile) => bundle(name, outfile));
}

/** One of `programs/` as an executable plugin, built once in a run. */
export function pluginFile(name: string): Promise<string> {
  const entry = path.join(PROGRAMS, `${name}.ts`);
  return builtOnce(`${name}.binary`, (outfile) =>
    run(process.execPath, ['scripts/build-plugin.mjs', entry, '-o', outfile], { cwd: ROOT }),
  );
}

/** SIGKILL, and resolves when it has ended. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function builtOnce(name: string, make: (outfile: string) => Promise<unknown>): Promise<string> {
  const outfile = path.join(BUILT, name);
  const found = builds.get(name) ?? make(outfile).then(() => outfile);
  builds.set(name, found);
  return found;
}

async function bundle(name: string, outfile: string): Promise<void> {
  await build({
    ...{ entryPoints: [path.join(PROGRAMS, `${name}.ts`)], outfile, absWorkingDir: ROOT, logLevel: 'warning' },
    ...{ bundle: true, format: 'esm', packages: 'external', platform: 'node', target: 'node20' },
  });
}
