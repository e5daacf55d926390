import { randomBytes } from 'node:crypto';
import { generateSigningKey, signingKeyPem, type SigningKey } from '@toru/licensing';
import type { Command } from 'commander';
import { UsageError } from '../../cli-error';
import { writePrivateFile } from '../../licence/files';
import { signingKeyIn } from '../../licence/material';
import { addHelpNotes } from '../help-notes';
import { printJson } from './flags';

interface Flags {
  readonly force?: true;
  readonly json?: true;
  readonly keyFile?: string;
  readonly public?: true;
  readonly secretFile?: string;
}

const SECRET_BYTES = 32;

export function addKeygenCommand(group: Command): void {
  const command = group
    .command('keygen')
    .summary("makes a vendor's key: a pair of the second form, or a secret of the first")
    .description(
      'Makes what a vendor issues keys with, and writes it with mode 0600. What is lost cannot be made again: keep a copy ' +
        'off the machine. One of --key-file and --secret-file is required.',
    )
    .option('--key-file <file>', 'second form: writes the private key (PKCS #8, PEM) and prints the public one')
    .option('--public', 'print the public key of --key-file again, and make nothing')
    .option('--secret-file <file>', 'first form: writes a secret')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print the public key as JSON')
    .action((flags: Flags) => {
      const { keyFile, secretFile, force = false, json } = flags;
      if ((keyFile === undefined) === (secretFile === undefined)) {
        throw new UsageError(
          'which? --key-file <file> for the second form (Ed25519), or --secret-file <file> for the first',
        );
      }
      if (keyFile !== undefined) {
        showPublicKey(flags.public ? signingKeyIn(keyFile) : newSigningKey(keyFile, force), keyFile, flags);
      } else if (secretFile !== undefined) {
        if (flags.public) throw new UsageError('a secret has no public key: --public goes with --key-file');
        writePrivateFile(secretFile, `${randomBytes(SECRET_BYTES).toString('base64')}\n`, { force });
        if (json) printJson({ secret_file: secretFile });
        else process.stdout.write(`Wrote the secret to ${secretFile}. The plugin embeds it, without the line end.\n`);
      }
    });
  addHelpNotes(command, {
    examples: ['licence keygen --key-file vendor.pem', 'licence keygen --key-file vendor.pem --public'],
    statuses: { 0: 'made', 2: 'wrong usage, or the file is there already' },
  });
}

function newSigningKey(keyFile: string, force: boolean): SigningKey {
  const key = generateSigningKey();
  writePrivateFile(keyFile, signingKeyPem(key), { force });
  return key;
}

function showPublicKey({ publicKey, keyId }: SigningKey, keyFile: string, { json, public: isOld }: Flags): void {
  if (json) {
    printJson({ key_file: keyFile, public_key: publicKey, key_id: keyId });
    return;
  }
  const wrote = isOld ? '' : `Wrote the private key to ${keyFile}: whoever has it can issue licences.\n`;
  process.stdout.write(`${wrote}public key  ${publicKey}\nkey id      ${keyId}\nThe plugin embeds the public key.\n`);
}
