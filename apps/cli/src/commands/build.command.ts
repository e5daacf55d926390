import { statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { buildPlugin } from '../../../../libs/sdk/typescript/build/build-plugin.mjs';
import { EXIT, UsageError } from '../cli-error';
import { ASSETS } from '../installation';

interface Flags {
  readonly output: string;
  readonly minify?: boolean;
}

/** What each other language has for it. */
const OTHERS: Readonly<Record<string, string>> = {
  '.py': 'python3 -m toru_plugin.bundle',
  '.rs': 'cargo build --release',
};

export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .summary('makes one executable file of a plugin in TypeScript or JavaScript')
    .description(
      'Bundles an entry with everything that it imports into one executable file, with the SDK that its folder has or\n' +
        'else the one of this command. Exit status: 0 built, 1 the entry does not build, 2 wrong usage.',
    )
    .argument('<entry>', 'the file that calls run(), such as main.ts')
    .requiredOption('-o, --output <file>', 'such as acme.binary')
    .option('--minify', 'make it smaller')
    .action(async (entry: string, { output, minify = false }: Flags) => {
      requireEntry(entry);
      try {
        await buildPlugin({ entry, outfile: output, minify, sdk: path.join(ASSETS, 'sdk/typescript/index.js') });
        process.stdout.write(`Built ${output}.\n`);
      } catch (error) {
        process.stderr.write(
          `error: ${entry} was not built: ${error instanceof Error ? error.message : String(error)}\n`,
        );
        process.exitCode = EXIT.found;
      }
    });
}

function requireEntry(entry: string): void {
  const other = OTHERS[path.extname(entry)];
  if (other !== undefined) throw new UsageError(`this builds TypeScript and JavaScript; for ${entry} use: ${other}`);
  if (statSync(entry, { throwIfNoEntry: false })?.isFile() !== true) throw new UsageError(`there is no file ${entry}`);
}
