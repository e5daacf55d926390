import { parseLicenceRequest } from '@toru/licensing';
import type { Command } from 'commander';
import { UsageError } from '../../cli-error';
import { batchCsv, issueBatch, unclearColumns, unusedColumns } from '../../licence/batch';
import { parseCsv } from '../../licence/csv';
import { readTextFile, writePrivateFile } from '../../licence/files';
import { issueOrder, type IssuingMaterial, type LicenceOrder, type OrderNames } from '../../licence/issuer';
import { requireSecret, signingKeyIn } from '../../licence/material';
import { termsJson } from '../../licence/terms-report';
import { addHelpNotes, SECRET } from '../help-notes';
import { repeated } from '../repeated-option';
import { addExpectedOptions, keyOf, printJson } from './flags';
import { verify, type VerifyFlags } from './verify.command';

interface Flags extends VerifyFlags {
  readonly batch?: string;
  readonly customer?: string;
  readonly expires?: string;
  readonly expiry?: string;
  readonly feature: readonly string[];
  readonly force?: true;
  readonly id?: string;
  readonly issued?: string;
  readonly never?: true;
  readonly output?: string;
  readonly request?: string;
  readonly updatesUntil?: string;
  readonly validate?: string;
}

/** How the user knows the members of an order. */
const OPTIONS: OrderNames = {
  instance: '--instance-id',
  expires: '--expiry, --expires or --never',
  plugin: '--plugin',
  customer: '--customer',
  id: '--id',
  issued: '--issued',
  updates_until: '--updates-until',
  features: '--feature',
};
const EXAMPLE_INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
const COLUMNS: OrderNames = { instance: 'instance_id' };

/** Returns the command: it is the one that is meant where none is named. */
export function addIssueCommand(group: Command): Command {
  const command = group
    .command('issue', { isDefault: true })
    .summary('makes a key, or one for each row of a list')
    .description(
      'Makes a licence key: of the first form (HMAC) with a secret, or of the second (Ed25519) with --key-file. An ' +
        'installation and an end are required; for the second form a plugin and a customer too.',
    )
    .optionsGroup('What the key says:')
    .option('--instance-id <uuid>', 'the installation that the key is for')
    .option('--expiry <date>', 'the last day, YYYY-MM-DD; it ends with that day in UTC')
    .option('--expires <date>', 'the same as --expiry')
    .option('--never', 'it does not expire')
    .optionsGroup('First form:')
    .option('--secret-file <file>', 'the file with the secret, mode 0600 (default: TORU_LICENSE_SECRET)')
    .optionsGroup('Second form:')
    .option('--key-file <file>', 'the private key (PEM), mode 0600; it makes the key one of the second form')
    .option('--plugin <id>', 'the plugin')
    .option('--customer <name>', 'whom it is for')
    .option('--updates-until <date>', 'covers versions released up to this day (default: all)')
    .addOption(repeated('--feature <name>', 'something that it unlocks; may come again'))
    .option('--id <id>', "the vendor's number of the licence (default: a new UUID)")
    .option('--issued <date>', 'the day of issue (default: today, in UTC)')
    .optionsGroup('From files:')
    .option('--request <file>', "take plugin, installation and customer from a customer's request; - is standard input")
    .option('--batch <csv>', 'one key for each row; options hold where a row says nothing')
    .optionsGroup('Instead of issuing:')
    .option('--validate <key>', 'make none: verify this one, with the options of toru licence verify');
  addExpectedOptions(command)
    .optionsGroup('Output:')
    .option('--output <file>', 'write there, with mode 0600 (default: standard output)')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print as JSON')
    .action((flags: Flags) => {
      if (flags.validate === undefined) issue(flags);
      else process.exitCode = verify(keyOf(flags.validate), flags);
    });
  return addHelpNotes(command, {
    environment: SECRET,
    examples: [
      `licence issue --instance-id ${EXAMPLE_INSTANCE} --never`,
      'licence issue --key-file vendor.pem --request request.json --never',
      'licence issue --key-file vendor.pem --plugin acme --batch customers.csv',
    ],
    statuses: { 0: 'issued, or with --validate valid', 1: 'with --validate: not valid', 2: 'wrong usage or input' },
  });
}

function issue(flags: Flags): void {
  const { keyFile, secretFile, batch, json } = flags;
  if (keyFile !== undefined && secretFile !== undefined) {
    throw new UsageError('--secret-file is of the first form and --key-file of the second: give one of them');
  }
  if (keyFile === undefined) refuseSecondForm(flags);
  const order = orderOf(flags);
  const material: IssuingMaterial =
    keyFile === undefined
      ? { form: 'hmac', secret: requireSecret(secretFile) }
      : { form: 'ed25519', signingKey: signingKeyIn(keyFile) };
  if (batch !== undefined) {
    issueAll(batch, material, order, flags);
    return;
  }
  const result = issueOrder(material, order, { now: new Date(), names: OPTIONS });
  if (!result.ok) throw new UsageError(`${result.field} ${result.message}`);
  const { key, terms } = result;
  give(json ? `${JSON.stringify({ key, terms: termsJson(terms) }, null, 2)}\n` : `${key}\n`, flags);
}

function issueAll(file: string, material: IssuingMaterial, defaults: LicenceOrder, flags: Flags): void {
  const text = readTextFile(file);
  const table = inFile(file, () => parseCsv(text));
  const unclear = unclearColumns(table);
  if (unclear !== undefined) throw new UsageError(`${file}: ${unclear}`);
  const unused = unusedColumns(table, material.form);
  // a misspelt column would say nothing, and its licences would say less than was meant
  if (unused.length > 0) process.stderr.write(`Columns that say nothing about the licences: ${unused.join(', ')}\n`);
  const now = new Date();
  const result = issueBatch(table, {
    defaults,
    issue: (order) => issueOrder(material, order, { now, names: COLUMNS }),
    onProgress: (done, of) => void process.stderr.write(`… ${done} of ${of}\n`),
  });
  if (!result.ok) {
    const more = result.more > 0 ? `\n  and ${result.more} more` : '';
    throw new UsageError(`${file}: no key was issued:\n  ${result.problems.join('\n  ')}${more}`);
  }
  const { issued } = result;
  const rows = issued.map(({ line, key, terms }) => ({ line, key, terms: termsJson(terms) }));
  give(flags.json ? `${JSON.stringify(rows, null, 2)}\n` : batchCsv(table, issued), flags);
}

/** What the options say, and where they say nothing a request. */
function orderOf(flags: Flags): LicenceOrder {
  const { expiry, expires, never, request } = flags;
  const ends = [expiry, expires, never && 'never'].filter((end) => end !== undefined);
  if (ends.length > 1) throw new UsageError('--expiry, --expires and --never say the same thing: give one of them');
  const { instanceId: instance, plugin, customer, id, issued, updatesUntil, feature } = flags;
  const order = { instance, plugin, customer, id, issued, updatesUntil, expires: ends[0], features: feature };
  if (request === undefined) return order;
  if (flags.batch !== undefined) throw new UsageError('--request is one licence and --batch many: give one of them');
  const result = parseLicenceRequest(readTextFile(request));
  if (!result.ok) throw new UsageError(`${request} ${result.message}`);
  const asked = {
    instance: result.request.instanceId,
    plugin: result.request.plugin,
    customer: result.request.customer,
  };
  for (const [member, value] of Object.entries(asked) as [keyof typeof asked, string][]) {
    const given = order[member];
    if (given !== undefined && given !== value) {
      throw new UsageError(
        `${OPTIONS[member] ?? member} is "${given}", and the request says "${value}": leave one of them out`,
      );
    }
  }
  return { ...order, ...asked };
}

/** A key of the first form would leave out what the vendor has asked for. */
function refuseSecondForm({ plugin, customer, updatesUntil, feature, id, issued }: Flags): void {
  const given = Object.entries({ plugin, customer, 'updates-until': updatesUntil, id, issued, feature: feature[0] });
  const name = given.find(([, value]) => value !== undefined)?.[0];
  if (name !== undefined) {
    throw new UsageError(
      `--${name} is of the second form (Ed25519), which needs --key-file <file>; toru licence keygen makes one`,
    );
  }
}

function give(text: string, { output, force, json }: Flags): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  writePrivateFile(output, text, { force: force === true });
  if (json) printJson({ output });
  else process.stdout.write(`Wrote ${output}.\n`);
}

/** Puts the name of a file before what is wrong with it. */
function inFile<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}
