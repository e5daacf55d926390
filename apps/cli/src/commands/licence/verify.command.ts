import { inspectLicence, isInstanceId } from '@toru/licensing';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../../cli-error';
import { requireSecret, signingKeyIn } from '../../licence/material';
import { termsJson, termsLines } from '../../licence/terms-report';
import { verifyKey, type VerifyingMaterial } from '../../licence/verify-key';
import { addHelpNotes, SECRET } from '../help-notes';
import { addExpectedOptions, keyOf, printJson } from './flags';

export interface VerifyFlags {
  readonly at?: Date;
  readonly instanceId?: string;
  readonly json?: true;
  readonly keyFile?: string;
  readonly plugin?: string;
  readonly publicKey: readonly string[];
  readonly released?: string;
  readonly secretFile?: string;
}

const SECOND_FORM = 'TORU2.';

export function addVerifyCommand(group: Command): void {
  const command = addExpectedOptions(
    group
      .command('verify')
      .summary('says whether a key holds, and why not')
      .description(
        'Says what a plugin would say of a key: with the secret of the first form, or with a public key of the second. ' +
          'What is not given is not compared.',
      )
      .argument('<key>', 'the licence key; - reads it from standard input')
      .option('--secret-file <file>', 'first form: the file with the secret (default: TORU_LICENSE_SECRET)')
      .option('--key-file <file>', "second form: the vendor's private key, in the place of its public key")
      .option('--instance-id <uuid>', 'the installation (default: not compared)')
      .option('--plugin <id>', 'second form: the plugin (default: not compared)'),
  )
    .option('--json', 'print the verdict as JSON')
    .action((key: string, flags: VerifyFlags) => {
      process.exitCode = verify(keyOf(key), flags);
    });
  addHelpNotes(command, {
    environment: SECRET,
    examples: [
      'licence verify $KEY --secret-file secret.txt',
      'licence verify $KEY --public-key $PUBLIC --plugin acme',
    ],
    statuses: { 0: 'it holds', 1: 'it does not', 2: 'wrong usage' },
  });
}

/** Prints the verdict, and gives the exit status. */
export function verify(key: string, flags: VerifyFlags): number {
  const { instanceId, plugin, released, at: now = new Date(), json } = flags;
  if (instanceId !== undefined && !isInstanceId(instanceId)) {
    throw new UsageError('--instance-id is a UUID v4 in lower case, as `toru instance` shows it');
  }
  const material = materialOf(key, flags);
  const verdict = judged(() => verifyKey(key, material, { instanceId, plugin, released, now }));
  const claimed = inspectLicence(key);
  if (json) {
    const terms = claimed.ok ? { terms: termsJson(claimed.terms) } : {};
    if (verdict.ok) printJson({ valid: true, ...terms, instance_compared: instanceId !== undefined });
    else printJson({ valid: false, reason: verdict.reason, message: verdict.message, ...terms });
  } else if (verdict.ok) {
    const note = instanceId === undefined ? '\nThe installation was not compared: --instance-id does that.\n' : '';
    process.stdout.write(`valid\n${termsLines(verdict.terms)}${note}`);
  } else {
    process.stdout.write(`not valid: ${verdict.reason}: ${verdict.message}\n`);
  }
  return verdict.ok ? EXIT.ok : EXIT.found;
}

function materialOf(key: string, { keyFile, publicKey, secretFile }: VerifyFlags): VerifyingMaterial {
  if (publicKey.length > 0) return { form: 'ed25519', publicKeys: publicKey };
  if (keyFile !== undefined) return { form: 'ed25519', publicKeys: [signingKeyIn(keyFile).publicKey] };
  if (key.startsWith(SECOND_FORM) && secretFile === undefined) {
    throw new UsageError('this is a key of the second form: give --public-key <base64>');
  }
  return { form: 'hmac', secret: requireSecret(secretFile) };
}

/** What is wrong with a public key or a release date is thrown as a `TypeError`. */
function judged<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
