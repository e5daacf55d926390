import type { Command } from 'commander';
import { instanceId } from '../instance/instance-id';

interface Flags {
  readonly dataDir?: string;
  readonly json?: true;
  readonly url?: string;
}

export function addInstanceCommand(program: Command): void {
  program
    .command('instance')
    .summary('prints the id of an installation, which licences are issued for')
    .description(
      'Prints the id (UUID) of an installation. On its machine it is read from the data directory, also while the host\n' +
        'does not run; from afar the host is asked, with TORU_URL and an API token in TORU_TOKEN.\n' +
        'Exit status: 0 printed, 1 there is none, 2 wrong usage.',
    )
    .option('--data-dir <directory>', "the host's data directory; TORU_DATA_DIR or ./data unless given")
    .option('--url <url>', 'ask the host at this address, as TORU_URL does')
    .option('--json', 'print it as JSON')
    .action(async ({ dataDir, json, url }: Flags) => {
      const id = await instanceId({ dataDir, url });
      process.stdout.write(json ? `${JSON.stringify({ instance_id: id })}\n` : `${id}\n`);
    });
}
