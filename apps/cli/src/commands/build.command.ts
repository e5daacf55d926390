import { statSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { buildPlugin } from '../../../../libs/sdk/typescript/build/build-plugin.mjs';
import { EXIT, UsageError } from '../cli-error';
import { metadataOf } from '../conformance';
import { ASSETS } from '../installation';
import { addHelpNotes } from './help-notes';

interface Flags {
  readonly output?: string;
  readonly minify?: boolean;
  readonly check: boolean;
}

/** What each other language has for it. */
const OTHERS: Readonly<Record<string, string>> = {
  '.py': 'python3 -m toru_plugin.bundle',
  '.rs': 'cargo build --release',
};

const BUILDABLE = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

export function addBuildCommand(program: Command): void {
  const command = program
    .command('build')
    .summary('makes one executable file of a plugin in TypeScript or JavaScript')
    .description(
      'Bundles an entry with everything that it imports into one executable file, with the SDK that its folder has or ' +
        'else the one of this command, and asks it for its metadata as the host will.',
    )
    .argument('<entry>', 'the file that calls run(), such as main.ts')
    .option('-o, --output <file>', 'the file to be written; required')
    .option('--minify', 'make it smaller')
    .option('--no-check', 'do not run it with --metadata')
    .action(async (entry: string, { output, minify = false, check }: Flags) => {
      requireEntry(entry);
      const outfile = requireOutput(output, entry);
      let built = '';
      const ask = async (file: string): Promise<void> => {
        built = await describe(file);
      };
      const sdk = path.join(ASSETS, 'sdk/typescript/index.js');
      try {
        await buildPlugin({ entry, outfile, minify, sdk, ...(check && { check: ask }) });
        process.stdout.write(`Built ${outfile}${built}.\n`);
      } catch (error) {
        process.stderr.write(`error: ${entry} was not built: ${reasonOf(error)}\n`);
        process.exitCode = EXIT.found;
      }
    });
  addHelpNotes(command, {
    examples: ['build main.ts -o acme.binary', 'build main.ts --minify -o acme.binary'],
    statuses: { 0: 'built', 1: 'the entry does not build, or is no plugin', 2: 'wrong usage' },
  });
}

function requireEntry(entry: string): void {
  const extension = path.extname(entry);
  const other = OTHERS[extension];
  if (other !== undefined) throw new UsageError(`this builds TypeScript and JavaScript; for ${entry} use: ${other}`);
  const found = statOf(entry);
  if (found === undefined) throw new UsageError(`there is no file ${entry} in ${process.cwd()}`);
  if (!found.isFile()) throw new UsageError(`${entry} is no file: name the one in it that calls run()`);
  if (!BUILDABLE.includes(extension)) {
    throw new UsageError(
      `${entry} is neither TypeScript nor JavaScript: its name ends in none of ${BUILDABLE.join(' ')}`,
    );
  }
}

/** What is built takes the place of what is there: not of its own source. */
function requireOutput(output: string | undefined, entry: string): string {
  const example = `${path.basename(process.cwd())}.binary`;
  if (output === undefined) throw new UsageError(`which file is to be written? -o <file>, such as -o ${example}`);
  const found = statOf(output);
  if (found?.isDirectory()) {
    throw new UsageError(`${output} is a folder: name the file, such as -o ${path.join(output, example)}`);
  }
  const source = statOf(entry);
  if (found !== undefined && found.dev === source?.dev && found.ino === source.ino) {
    throw new UsageError(
      `${output} is the entry itself, and would be overwritten: name another file, such as ${example}`,
    );
  }
  return output;
}

/** Undefined where there is nothing; what else is wrong with the path, the build says. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

/** What the host will read of it. Rejects where that is of no use. */
async function describe(file: string): Promise<string> {
  const result = await metadataOf(file);
  if (!result.ok) {
    throw new Error(
      `its --metadata is of no use to a host: ${result.reason}. Does the entry call run()? (--no-check builds it all the same)`,
    );
  }
  const { id, version, protocol } = result.metadata;
  return `: ${id} ${version}, protocol ${String(protocol)}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errors' in error ? 'its mistakes are above' : error.message;
}
