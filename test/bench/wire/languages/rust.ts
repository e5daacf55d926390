import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { UnavailablePeerError } from '../../harness/bench';
import type { Language } from '../language';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const EXAMPLES = ['plugin', 'echo', 'codec'] as const;

const run = promisify(execFile);

/** The examples `bench-*` of the crate, as plugin authors build theirs: `cargo build --release`. */
async function build(directory: string): Promise<Record<(typeof EXAMPLES)[number], string>> {
  const examples = EXAMPLES.flatMap((name) => ['--example', `bench-${name}`]);
  const args = ['build', '--release', '--locked', '--quiet', '-p', 'toru-plugin-api', '--features', 'codec-bench'];
  try {
    await run('cargo', [...args, ...examples], { cwd: ROOT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UnavailablePeerError('cargo is not installed');
    throw error;
  }
  const copy = async (name: string): Promise<string> => {
    const file = path.join(directory, `${name}.binary`);
    await copyFile(path.join(ROOT, 'target/release/examples', `bench-${name}`), file);
    return file;
  };
  return { plugin: await copy('plugin'), echo: await copy('echo'), codec: await copy('codec') };
}

export const rust: Language = { name: 'Rust', largeBodies: true, build };
