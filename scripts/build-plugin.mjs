// node scripts/build-plugin.mjs <entry> -o <file>: makes one executable file of a plugin that uses the TypeScript SDK.
import './lib/node-version.mjs';
import { parseArgs } from 'node:util';
import { buildPlugin } from '../libs/sdk/typescript/build/build-plugin.mjs';
import { main, say, ScriptError } from './lib/report.mjs';

await main(async () => {
  const { entry, outfile, minify } = readArguments();
  try {
    await buildPlugin({ entry, outfile, minify });
  } catch (error) {
    throw new ScriptError('build_failed', `${entry} was not built: ${error.message}`);
  }
  say(`Built ${outfile}.`);
});

function readArguments() {
  const options = { outfile: { type: 'string', short: 'o' }, minify: { type: 'boolean', default: false } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length !== 1 || !values.outfile) throw new Error('one entry and one -o are needed');
    return { entry: positionals[0], outfile: values.outfile, minify: values.minify };
  } catch (error) {
    throw new ScriptError(
      'usage',
      `${error.message}. Usage: node scripts/build-plugin.mjs <entry> -o <file> [--minify]`,
    );
  }
}
