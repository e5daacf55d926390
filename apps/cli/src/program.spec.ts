import { generatedSection } from '@toru/testing';
import type { Command } from 'commander';
import { createProgram } from './program';

const PAGE = 'docs/command-line.md';
const WIDTH = 80;

/** A command with its full name, and all below it. */
function commandsOf(command: Command, before = ''): readonly { readonly name: string; readonly command: Command }[] {
  const name = `${before}${command.name()}`;
  return [{ name, command }, ...command.commands.flatMap((each) => commandsOf(each, `${name} `))];
}

/** What `--help` prints, where nobody looks on. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ getOutHelpWidth: () => WIDTH, writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.trim();
}

/** Without the quotes and redirections of a shell. */
function examplesOf(help: string): readonly string[] {
  const [, examples = ''] = help.split('\nExamples:\n');
  return (examples.split('\n\n')[0] ?? '').split('\n').map((line) => line.trim());
}

describe('toru --help', () => {
  const all = commandsOf(createProgram('1.2.3'));
  const named = all.map(({ name, command }) => [name, command] as const);

  it.each(named)('[LANG-4] %s shows usage, options, examples and exit statuses', (name, command) => {
    const help = helpOf(command);

    expect(help).toMatch(new RegExp(`^Usage: ${name}[ |]`));
    expect(help).toContain('\n  -h, --help');
    expect(help).toMatch(/\nExamples:\n {2}toru .*\n\nExit status:\n {2}0 {2}/s);
    expect(help.split('\n').filter((line) => line.length > WIDTH)).toEqual([]);
    expect(help).not.toMatch(/default: (?:\[\]|undefined)/);
  });

  it.each(named)('[LANG-4] %s has examples of commands and options that there are', (_name, command) => {
    for (const example of examplesOf(helpOf(command))) {
      const words = example.split(' ');
      const found = all.filter(({ name }) => `${example} `.startsWith(`${name} `)).at(-1);
      const options = found?.command.createHelp().visibleOptions(found.command) ?? [];
      const unknown = words.filter(
        (word) => /^-./.test(word) && !options.some(({ long, short }) => word === long || word === short),
      );
      expect([example, unknown]).toEqual([example, []]);
      expect(found?.name).not.toBe('toru');
    }
  });

  it('[LIC-4] licence shows the options of issue, which may be left out', () => {
    const licence = all.find(({ name }) => name === 'toru licence')!.command;

    for (const option of ['--instance-id', '--never', '--key-file', '--batch'])
      expect(helpOf(licence)).toContain(option);
  });

  it(`[LANG-4] stands in ${PAGE} (UPDATE_DOCS=1 writes it anew)`, () => {
    const sections = all.map(({ name, command }) => `## \`${name}\`\n\n\`\`\`\n${helpOf(command)}\n\`\`\``);
    const text = sections.join('\n\n');

    expect(generatedSection(PAGE, 'commands', text)).toBe(text);
  });
});
