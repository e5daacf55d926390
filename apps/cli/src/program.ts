import { Command } from 'commander';
import { addBuildCommand } from './commands/build.command';
import { addConformanceCommand } from './commands/conformance.command';
import { addHelpNotes } from './commands/help-notes';
import { addInstanceCommand } from './commands/instance.command';
import { addLicenceCommand } from './commands/licence.command';
import { addNewCommand } from './commands/new.command';

/** `toru`: each command is added by its own file in `commands/` and sets `process.exitCode` where it is not 0. */
export function createProgram(version: string): Command {
  const program = new Command('toru')
    .description('Tools for operators of Toru Steering Center and for authors of plugins.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'shows the help of a command, as --help after it does')
    .showHelpAfterError('(--help tells how it is used)')
    .exitOverride();
  program.commandsGroup('For authors of plugins:');
  addNewCommand(program);
  addBuildCommand(program);
  addConformanceCommand(program);
  program.commandsGroup('For vendors and operators:');
  addLicenceCommand(program);
  addInstanceCommand(program);
  return addHelpNotes(program, {
    examples: ['new acme --lang ts', 'conformance ./acme.binary', 'licence --help'],
    statuses: {
      0: 'it worked',
      1: 'the answer is no: the plugin does not conform, the key is not valid',
      2: 'wrong usage; stderr says what',
    },
  });
}
