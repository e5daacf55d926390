import { Command, CommanderError } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { EXIT, NotFoundError, UsageError } from './cli-error';
import { addBuildCommand } from './commands/build.command';
import { addConformanceCommand } from './commands/conformance.command';
import { addInstanceCommand } from './commands/instance.command';
import { addLicenceCommand } from './commands/licence.command';
import { addNewCommand } from './commands/new.command';

/** `toru`: each command is added by its own file in `commands/` and sets `process.exitCode` where it is not 0. */
function createProgram(): Command {
  const program = new Command('toru')
    .description('Tools for operators of Toru Steering Center and for authors of plugins')
    .version(manifest.version, '-V, --version', 'prints the version')
    .showHelpAfterError('(--help tells how it is used)')
    .exitOverride();
  addNewCommand(program);
  addBuildCommand(program);
  addConformanceCommand(program);
  addLicenceCommand(program);
  addInstanceCommand(program);
  return program;
}

/** Commander has said on stderr what is wrong; for `--help` there is nothing wrong. */
function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(error instanceof UsageError) && !(error instanceof NotFoundError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.found;
}

// whoever reads the output may have seen enough (`| head`); that is no error of the command
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = exitStatusOf(error);
}
