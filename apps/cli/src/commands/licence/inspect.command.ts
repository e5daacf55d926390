import { inspectLicence } from '@toru/licensing';
import type { Command } from 'commander';
import { EXIT } from '../../cli-error';
import { termsJson, termsLines } from '../../licence/terms-report';
import { addHelpNotes } from '../help-notes';
import { keyOf, printJson } from './flags';

export function addInspectCommand(group: Command): void {
  const command = group
    .command('inspect')
    .summary('shows what a key says, without any proof that it is true')
    .description('Shows what a key of either form says of itself. It needs no secret, and proves nothing: verify does.')
    .argument('<key>', 'the licence key; - reads it from standard input')
    .option('--json', 'print it as JSON')
    .action((argument: string, { json }: { readonly json?: true }) => {
      const inspection = inspectLicence(keyOf(argument));
      if (!inspection.ok) {
        const { reason, message } = inspection;
        if (json) printJson({ readable: false, reason, message });
        else process.stdout.write(`no key: ${reason}: ${message}\n`);
        process.exitCode = EXIT.found;
        return;
      }
      const { terms, keyId } = inspection;
      if (json) printJson({ readable: true, verified: false, key_id: keyId, terms: termsJson(terms) });
      else process.stdout.write(`not verified\n${termsLines(terms, keyId)}`);
    });
  addHelpNotes(command, {
    examples: ['licence inspect $KEY', 'licence inspect --json - < plugins/acme.license'],
    statuses: { 0: 'it is a key', 1: 'it is none', 2: 'wrong usage' },
  });
}
