import { Help, type Command } from 'commander';
import { addHelpNotes, SECRET } from './help-notes';
import { addInspectCommand } from './licence/inspect.command';
import { addIssueCommand } from './licence/issue.command';
import { addKeygenCommand } from './licence/keygen.command';
import { addRequestCommand } from './licence/request.command';
import { addVerifyCommand } from './licence/verify.command';

/** `toru licence`; without a subcommand it issues, or with `--validate` verifies (LIC-4). */
export function addLicenceCommand(program: Command): void {
  const group = program
    .command('licence')
    .alias('license')
    .summary('issues and verifies licence keys of plugins')
    .description(
      'Issues and verifies licence keys of plugins, without any server (docs/licences.md). Without a subcommand it ' +
        'issues: the options are those of issue.',
    );
  const issue = addIssueCommand(group);
  addVerifyCommand(group);
  addInspectCommand(group);
  addKeygenCommand(group);
  addRequestCommand(group);
  // whoever leaves `issue` out looks for its options here
  const shownIn = (command: Command): Command => (command === group ? issue : command);
  group.configureHelp({ visibleOptions: (command) => new Help().visibleOptions(shownIn(command)) });
  addHelpNotes(group, {
    environment: SECRET,
    examples: [
      'licence keygen --key-file vendor.pem',
      'licence --key-file vendor.pem --request request.json --never',
      'licence verify $KEY --public-key $PUBLIC',
      'licence issue --help',
    ],
    statuses: { 0: 'issued or valid', 1: 'not valid', 2: 'wrong usage or input' },
  });
}
