import { readFileSync } from 'node:fs';
import path from 'node:path';
import { issueEd25519Licence, issueHmacLicence, readSigningKey, type IssueResult } from '@toru/licensing';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');

/** A key for examples/licensed-rust in this installation, as its vendor would issue it. */
export function issueForLicensedRust(instanceId: string, features: readonly string[] = []): string {
  const read = readSigningKey(readFileSync(path.join(EXAMPLES, 'licensed-rust/demo-vendor-key.pem'), 'utf8'));
  if (!read.ok) throw new Error(read.message);
  return keyOf(
    issueEd25519Licence({
      ...{ signingKey: read.signingKey, id: 'demo-1', plugin: 'licensed-rust', instanceId, customer: 'Acme Ltd' },
      ...{ issued: '2026-11-21', expires: null, updatesUntil: '2026-11-21', features },
    }),
  );
}

/** The same for examples/licensed-python. */
export function issueForLicensedPython(instanceId: string): string {
  const source = readFileSync(path.join(EXAMPLES, 'licensed-python/licensed_python.py'), 'utf8');
  const secret = /^SECRET = "(.+)"$/m.exec(source)?.[1] ?? '';
  return keyOf(issueHmacLicence({ secret, instanceId, expires: null }));
}

function keyOf(result: IssueResult): string {
  if (!result.ok) throw new Error(`${result.field} ${result.message}`);
  return result.key;
}
