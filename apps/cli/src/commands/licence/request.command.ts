import { isInstanceId, parseLicenceRequest, writeLicenceRequest } from '@toru/licensing';
import type { Command } from 'commander';
import { UsageError } from '../../cli-error';
import { instanceId } from '../../instance/instance-id';
import { writePrivateFile } from '../../licence/files';
import { addHelpNotes } from '../help-notes';

interface Flags {
  readonly customer: string;
  readonly dataDir?: string;
  readonly force?: true;
  readonly instanceId?: string;
  readonly output?: string;
  readonly plugin: string;
  readonly pluginVersion?: string;
  readonly url?: string;
}

export function addRequestCommand(group: Command): void {
  const command = group
    .command('request')
    .summary('writes the file with which a customer asks a vendor for a licence')
    .description(
      'Writes a small JSON file for the vendor of a plugin: the plugin, the id of this installation, who asks. Nothing is ' +
        'sent anywhere. The vendor answers it with: toru licence issue --request <file>',
    )
    .requiredOption('--plugin <id>', 'the plugin; required')
    .requiredOption('--customer <name>', 'whom the licence is to be for; required')
    .option('--plugin-version <version>', 'the version of the plugin that is there')
    .option('--instance-id <uuid>', 'the installation (default: as toru instance finds it)')
    .option('--data-dir <directory>', 'as for toru instance')
    .option('--url <url>', 'as for toru instance')
    .option('--output <file>', 'write it there, with mode 0600 (default: standard output)')
    .option('--force', 'replace a file that is there')
    .option('--json', 'as without: a request is JSON')
    .action(async (flags: Flags) => {
      const { plugin, customer, pluginVersion: version, output, force = false } = flags;
      if (flags.instanceId !== undefined && !isInstanceId(flags.instanceId)) {
        throw new UsageError('--instance-id is a UUID v4 in lower case, as toru instance shows it');
      }
      const instance = flags.instanceId ?? (await instanceId(flags));
      const request = { plugin, instanceId: instance, customer, ...(version !== undefined && { version }) };
      const text = writeLicenceRequest({ ...request, created: new Date() });
      // what the vendor would refuse is told here
      const result = parseLicenceRequest(text);
      if (!result.ok) throw new UsageError(`the request ${result.message}`);
      if (output === undefined) {
        process.stdout.write(text);
        return;
      }
      writePrivateFile(output, text, { force });
      process.stdout.write(`Wrote ${output}: send it to the vendor of ${plugin}.\n`);
    });
  addHelpNotes(command, {
    environment: { 'TORU_DATA_DIR, TORU_URL, TORU_TOKEN': 'as for toru instance' },
    examples: ["licence request --plugin acme --customer 'Example Works'"],
    statuses: { 0: 'written', 1: 'the installation was not found', 2: 'wrong usage' },
  });
}
