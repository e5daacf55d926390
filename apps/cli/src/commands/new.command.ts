import path from 'node:path';
import { Option, type Command } from 'commander';
import { UsageError } from '../cli-error';
import { ASSETS, EXECUTABLE, PLUGINS_DIRECTORY } from '../installation';
import { LANGUAGE_NAMES, LANGUAGES, requireId, scaffoldPlugin, type LanguageName } from '../scaffold';
import { addHelpNotes } from './help-notes';

export function addNewCommand(program: Command): void {
  const command = program
    .command('new')
    .summary('starts a plugin of your own')
    .description(
      'Writes a small plugin into a new folder: a route, a setting, stored data and a page in the console. Says what to type next.',
    )
    .argument('<name>', "the plugin's id, such as disk-usage: it names the folder and the route too")
    .addOption(new Option('--lang <language>', 'what to write it in; required').choices(LANGUAGE_NAMES))
    .action((id: string, { lang }: { readonly lang?: LanguageName }) => {
      requireId(id);
      if (lang === undefined) throw new UsageError(`in which language? --lang ${LANGUAGE_NAMES.join(', --lang ')}`);
      const directory = path.resolve(id);
      const files = scaffoldPlugin({ id, language: lang, assets: ASSETS, directory });
      const { sdk, next } = LANGUAGES[lang];
      const places = { toru: shortest(EXECUTABLE, directory), plugins: shortest(PLUGINS_DIRECTORY, directory) };
      const lines = [
        `Wrote ${id}/ with ${files.join(', ')}; the SDK is in ${sdk.to}/.`,
        '',
        'Next: build it, check it, install it; then enable it in the Plugin Manager.',
        '',
        ...[`cd ${id}`, ...next(id, places)].map((line) => `  ${line}`),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
  addHelpNotes(command, {
    examples: ['new disk-usage --lang ts'],
    statuses: { 0: 'written', 2: 'wrong usage, or the folder is there already' },
  });
}

/** A path as one would type it in a folder, for a shell. */
function shortest(file: string, directory: string): string {
  const relative = path.relative(directory, file);
  const text = relative.length < file.length ? relative : file;
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
