import type { Command } from 'commander';
import { instanceId } from '../instance/instance-id';
import { addHelpNotes } from './help-notes';

interface Flags {
  readonly dataDir?: string;
  readonly json?: true;
  readonly url?: string;
}

export function addInstanceCommand(program: Command): void {
  const command = program
    .command('instance')
    .summary('prints the id of an installation, which licences are issued for')
    .description(
      'Prints the id (UUID) of an installation. On its machine it is read from the data directory, also while the host ' +
        'does not run; from afar the host is asked, with an API token.',
    )
    .option('--data-dir <directory>', "the host's data directory (default: TORU_DATA_DIR, or ./data)")
    .option('--url <url>', 'ask the host at this address instead (default: TORU_URL)')
    .option('--json', 'print it as JSON')
    .action(async ({ dataDir, json, url }: Flags) => {
      const id = await instanceId({ dataDir, url });
      process.stdout.write(json ? `${JSON.stringify({ instance_id: id })}\n` : `${id}\n`);
    });
  addHelpNotes(command, {
    environment: {
      TORU_DATA_DIR: "the host's data directory",
      TORU_URL: 'the address of a host to ask, as http://127.0.0.1:3000',
      TORU_TOKEN: 'an API token for that; the role viewer is enough',
    },
    examples: ['instance --data-dir /var/lib/toru/data', 'instance --url https://toru.example --json'],
    statuses: { 0: 'printed', 1: 'there is none', 2: 'wrong usage' },
  });
}
