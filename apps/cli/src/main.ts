import { CommanderError } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { EXIT, NotFoundError, UsageError } from './cli-error';
import { createProgram } from './program';

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
  await createProgram(manifest.version).parseAsync();
} catch (error) {
  process.exitCode = exitStatusOf(error);
}
