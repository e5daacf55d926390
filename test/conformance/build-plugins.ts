import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const LICENSED = 'licensed-rust';
const ROOT = path.resolve(import.meta.dirname, '../..');

/** A directory for what is built; the caller removes it. */
export function newDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), 'conf-'));
}

/** What the build has made of an example in TypeScript; inside of the checkout Node would take it for an ES module. */
export function copyBuiltExample(name: string, directory: string): string {
  const file = path.join(directory, `${name}.binary`);
  copyFileSync(path.join(ROOT, `dist/examples/${name}.binary`), file);
  return file;
}

/** A plugin of the TypeScript SDK as one executable file. */
export function buildTypeScript(entry: string, directory: string): string {
  const output = path.join(directory, `${path.basename(entry, '.ts')}.binary`);
  execFileSync(process.execPath, ['scripts/build-plugin.mjs', entry, '-o', output], { cwd: ROOT, stdio: 'pipe' });
  return output;
}

/** A plugin of the Python SDK, with the files beside it that it embeds, as one executable file. */
export function buildPython(entry: string, directory: string, include: readonly string[] = []): string {
  const name = path.basename(entry, '.py');
  const source = path.join(directory, `${name}-source`);
  mkdirSync(source);
  for (const file of [path.basename(entry), ...include]) {
    copyFileSync(path.join(ROOT, path.dirname(entry), file), path.join(source, file));
  }
  const output = path.join(directory, `${name}.binary`);
  const includes = include.flatMap((file) => ['--include', file]);
  execFileSync(
    'python3',
    ['-m', 'toru_plugin.bundle', path.join(source, path.basename(entry)), '-o', output, ...includes],
    {
      env: {
        PATH: process.env['PATH'],
        PYTHONPATH: path.join(ROOT, 'libs/sdk/python/src'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: 'pipe',
    },
  );
  return output;
}

/** Where cargo has put the plugins of the Rust SDK. */
export interface RustPlugins {
  /** Those of `examples/`. */
  readonly examples: readonly string[];
  /** That of `examples/` which needs a licence key. */
  readonly licensed: string;
  /** The one with all routes of docs/conformance.md. */
  readonly complete: string;
  /** What issues licence keys. */
  readonly issuer: string;
  /** The one that the crate's own tests drive, by its settings. */
  readonly tested: string;
}

/** The plugins of the Rust SDK, with one call: cargo knows what is built already. */
export function buildRust(): RustPlugins {
  const names = ['hello-rust', 'notes-rust'];
  const packages = ['toru-plugin-api', LICENSED, ...names].flatMap((name) => ['-p', name]);
  const examples = ['conformance', 'issue-licence', 'test-plugin'].flatMap((name) => ['--example', name]);
  const selected = [...packages, '--bins', ...examples];
  execFileSync('cargo', ['build', '--locked', '--quiet', ...selected], { cwd: ROOT, stdio: 'inherit' });
  const built = path.join(ROOT, 'target/debug');
  return {
    examples: names.map((name) => path.join(built, name)),
    licensed: path.join(built, LICENSED),
    complete: path.join(built, 'examples/conformance'),
    issuer: path.join(built, 'examples/issue-licence'),
    tested: path.join(built, 'examples/test-plugin'),
  };
}

/** A plugin of one file of Go. */
export function buildGo(source: string, directory: string): string {
  const output = path.join(directory, `${path.basename(path.dirname(source))}.binary`);
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
  execFileSync('go', ['build', '-o', output, source], { cwd: ROOT, env, stdio: 'inherit' });
  return output;
}

export function hasCargo(): boolean {
  return works('cargo', '--version');
}

export function hasGo(): boolean {
  return works('go', 'version');
}

function works(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
