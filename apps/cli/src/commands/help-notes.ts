import type { Command } from 'commander';

/** What follows the options in the help of a command. */
export interface HelpNotes {
  /** What is read beside the options, by the name of the variable. */
  readonly environment?: Readonly<Record<string, string>>;
  /** As one would type them, without `toru`. */
  readonly examples: readonly string[];
  /** What each exit status means. */
  readonly statuses: Readonly<Record<number, string>>;
}

/** The environment of the commands that issue and verify keys. */
export const SECRET = { TORU_LICENSE_SECRET: 'first form: the secret, unless --secret-file names one' } as const;

/** Ends the help of a command with its environment, examples and exit statuses. */
export function addHelpNotes(command: Command, { environment = {}, examples, statuses }: HelpNotes): Command {
  const sections = [
    section('Environment:', list(environment)),
    section(
      'Examples:',
      examples.map((example) => `toru ${example}`),
    ),
    section('Exit status:', list(statuses)),
  ];
  return command.addHelpText('after', sections.join(''));
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function list(entries: Readonly<Record<string, string>>): readonly string[] {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return Object.entries(entries).map(([name, meaning]) => `${name.padEnd(width)}  ${meaning}`);
}
