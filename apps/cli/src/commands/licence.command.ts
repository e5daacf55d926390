import type { Command } from 'commander';
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
      'Issues and verifies licence keys of plugins, without any server (docs/licences.md). Without a subcommand: issue.\n' +
        'Exit status: 0 issued or valid, 1 not valid, 2 wrong usage or input.',
    );
  addIssueCommand(group);
  addVerifyCommand(group);
  addInspectCommand(group);
  addKeygenCommand(group);
  addRequestCommand(group);
}
