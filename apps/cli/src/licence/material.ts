import { readSigningKey, type HmacSecret, type SigningKey } from '@toru/licensing';
import { UsageError } from '../cli-error';
import { readPrivateFile } from './files';

const SECRET_VARIABLE = 'TORU_LICENSE_SECRET';

/** The secret of the first form: from a file, else from the environment; undefined without either. */
export function secretOf(file: string | undefined): HmacSecret | undefined {
  if (file !== undefined) {
    const secret = withoutLineEnd(readPrivateFile(file));
    if (secret.length === 0) throw new UsageError(`${file} is empty: it is to have the secret`);
    return secret;
  }
  const secret = process.env[SECRET_VARIABLE];
  return secret === undefined || secret === '' ? undefined : secret;
}

export function requireSecret(file: string | undefined): HmacSecret {
  const secret = secretOf(file);
  if (secret !== undefined) return secret;
  throw new UsageError(
    `which secret? Set ${SECRET_VARIABLE} or give --secret-file <file>; for keys of the second form (Ed25519) give --key-file <file>`,
  );
}

/** The private key of the second form. */
export function signingKeyIn(file: string): SigningKey {
  const result = readSigningKey(readPrivateFile(file).toString());
  if (!result.ok)
    throw new UsageError(`${file} ${result.message}: make one with toru licence keygen --key-file <file>`);
  return result.signingKey;
}

/** Editors and `echo` put one behind it, which is not meant. */
function withoutLineEnd(bytes: Buffer): Buffer {
  const end = bytes.toString('latin1').replace(/\r?\n$/, '').length;
  return bytes.subarray(0, end);
}
