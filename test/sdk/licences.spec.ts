import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  generateSigningKey,
  issueEd25519Licence,
  issueHmacLicence,
  type IssueResult,
  type SigningKey,
} from '@toru/licensing';
import { DEFAULT_OPTIONS, runConformance, type ConformanceOptions } from '../../apps/cli/src/conformance';
import { buildPython, buildRust, buildTypeScript, hasCargo, type RustPlugins } from '../conformance/build-plugins';
import { issueForLicensedPython, issueForLicensedRust } from '../support/demo-licences';
import { startHost, type TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PYTHON_TESTS = path.join(ROOT, 'libs/sdk/python/tests');
const INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
const SECRET = 'test secret, for nothing but tests, with ž in it';
/** A first build downloads and compiles every dependency, and waits for others that build the same. */
const BUILD_TIMEOUT_MS = 1_800_000;

/** The Python that has `cryptography`, installed where need be; undefined where that cannot be. */
function pythonWithCryptography(): string | undefined {
  const script =
    "import('./scripts/lib/python-tools.mjs').then((m) => m.pythonTools()).then((p) => console.log(p ?? ''))";
  const printed = execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
  return printed.trimEnd().split('\n').at(-1) || undefined;
}

const cargo = hasCargo() || process.env['CI'] === 'true';
const python = pythonWithCryptography();
if (!cargo) console.warn('Licence keys were NOT tried with Rust: there is no cargo here.');
if (python === undefined) console.warn('Licence keys of the second form were NOT tried with Python: no cryptography.');

type Form = 'hmac' | 'ed25519';
type Options = Pick<ConformanceOptions, 'executable'> & Partial<ConformanceOptions>;

let directory: string;
let rust: RustPlugins;
let typescript: string;
let licensedPython: string;
const signingKey: SigningKey = generateSigningKey();
const seed = Buffer.from(signingKey.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex');

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'lic-'));
  if (cargo) rust = buildRust();
  typescript = buildTypeScript('test/fixtures/sdk-licence-check.ts', directory);
  licensedPython = buildPython('examples/licensed-python/licensed_python.py', directory);
}, BUILD_TIMEOUT_MS);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const terms = (plugin: string): Parameters<typeof issueEd25519Licence>[0] => ({
  ...{ signingKey, id: 'L-1', plugin, instanceId: INSTANCE, customer: 'Příliš & Söhne 🔑', issued: '2026-01-15' },
  ...{ expires: null, updatesUntil: '2026-11-21', features: ['export', 'sso.saml'] },
});

/** What a process of another language is told to issue: the payload is the text that is signed. */
function orderOf(form: Form, plugin: string): string {
  if (form === 'hmac') return JSON.stringify({ secret: SECRET, instance: INSTANCE, expires: null });
  const { id, instanceId: instance, customer, issued, expires, updatesUntil: updates_until, features } = terms(plugin);
  const payload = { id, plugin, instance, customer, issued, expires, updates_until, features };
  return JSON.stringify({ seed, payload: JSON.stringify(payload) });
}

function keyOf(result: IssueResult): string {
  if (!result.ok) throw new Error(`${result.field} ${result.message}`);
  return result.key;
}

const ISSUERS: Readonly<Record<string, (form: Form, plugin: string) => string>> = {
  TypeScript: (form, plugin) =>
    keyOf(
      form === 'hmac'
        ? issueHmacLicence({ secret: SECRET, instanceId: INSTANCE, expires: null })
        : issueEd25519Licence(terms(plugin)),
    ),
  Rust: (form, plugin) => execFileSync(rust.issuer, { input: orderOf(form, plugin), encoding: 'utf8' }).trim(),
  Python: (form, plugin) =>
    execFileSync(python ?? 'python3', [path.join(PYTHON_TESTS, 'license_issuer.py')], {
      ...{ input: orderOf(form, plugin), encoding: 'utf8' },
    }).trim(),
};

const material = (form: Form): Record<string, unknown> =>
  form === 'hmac' ? { secret: SECRET } : { public_keys: [signingKey.publicKey], released: '2026-11-21' };

/** A plugin of each SDK that requires a licence, and its id. */
const VERIFIERS: Readonly<Record<string, { readonly id: string; readonly start: (form: Form) => Options }>> = {
  TypeScript: {
    id: 'licence-check',
    start: (form) => ({ executable: typescript, env: { CHECK: JSON.stringify(material(form)) } }),
  },
  Rust: {
    id: 'test-plugin',
    start: (form) => ({
      executable: rust.tested,
      settings: JSON.parse(JSON.stringify({ start: 'licensed', ...material(form) })) as ConformanceOptions['settings'],
    }),
  },
  Python: {
    id: 'acme',
    start: (form) => ({
      executable: python ?? '/usr/bin/env',
      args: [...(python === undefined ? ['python3'] : []), path.join(PYTHON_TESTS, 'fixtures/chaos_plugin.py')],
      env: {
        ...{ PYTHONPATH: path.join(ROOT, 'libs/sdk/python/src'), BEHAVIOUR: 'licensed' },
        ...(form === 'hmac' ? { SECRET } : { PUBLIC_KEY: signingKey.publicKey }),
      },
    }),
  },
};

/** `ready`, or what the plugin of that id says why it is not. */
async function greeting(id: string, options: Options, licenseKey: string): Promise<string> {
  const given = { ...DEFAULT_OPTIONS, readyTimeoutMs: 60_000, instanceId: INSTANCE, licenseKey, only: ['v2/ready'] };
  const { results } = await runConformance({ ...given, known: { id, protocol: 2 }, ...options });
  const ready = results.find((result) => result.id === 'v2/ready');
  return ready?.status === 'passed' ? 'ready' : (ready?.happened ?? results.map(({ happened }) => happened).join());
}

const isHere = (language: string, form: Form): boolean =>
  language === 'Rust' ? cargo : language !== 'Python' || form === 'hmac' || python !== undefined;

const verifying = (['hmac', 'ed25519'] as const).flatMap((form) =>
  Object.keys(VERIFIERS)
    .filter((verifier) => isHere(verifier, form))
    .map((verifier) => ({ form, verifier })),
);
/** What a language issues itself, its own tests verify. */
const cases = verifying.flatMap(({ form, verifier }) =>
  Object.keys(ISSUERS)
    .filter((issuer) => issuer !== verifier && isHere(issuer, form))
    .map((issuer) => ({ form, verifier, issuer })),
);

describe('licence keys', () => {
  it.each(cases)('[LIC-2] [LIC-6] $form: issued by $issuer, one verifies in $verifier', async (each) => {
    const { form, issuer } = each;
    const { id, start } = VERIFIERS[each.verifier]!;
    const key = ISSUERS[issuer]!(form, id);

    expect(await greeting(id, start(form), key)).toBe('ready');
  });

  it.each(verifying)(
    '[LIC-2] [LIC-6] $form: one for another installation is refused in $verifier',
    async ({ form, verifier }) => {
      const { id, start } = VERIFIERS[verifier]!;
      const elsewhere = { ...start(form), instanceId: `${INSTANCE.slice(0, -1)}9` };

      expect(await greeting(id, elsewhere, ISSUERS['TypeScript']!(form, id))).toMatch(/failed: license .*installation/);
    },
  );
});

describe('the examples that need a licence', () => {
  let host: TestHost;
  let instance: string;

  beforeAll(async () => {
    host = await startHost();
    const files = [...(cargo ? [[rust.licensed, 'licensed-rust']] : []), [licensedPython, 'licensed-python']] as const;
    for (const [from, id] of files) {
      const file = path.join(host.directories.plugins, `${id}.binary`);
      copyFileSync(from, file);
      chmodSync(file, 0o755);
    }
    await host.api('/api/plugins/rescan', { method: 'POST' });
    instance = (await host.json<{ instance_id: string }>('/api/instance')).instance_id;
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const issued: Readonly<Record<string, () => string>> = {
    'licensed-rust': () => issueForLicensedRust(instance, ['report']),
    'licensed-python': () => issueForLicensedPython(instance),
  };

  it.each(Object.keys(issued).filter((id) => cargo || id !== 'licensed-rust'))(
    '[LIC-3] [SUP-10] %s has failed for want of a key, and runs as soon as one is there',
    async (id) => {
      await host.api(`/api/plugins/${id}/enable`, { method: 'POST' });
      expect(await host.untilPlugin(id, 'failed')).toMatchObject({
        refusal: 'license',
        reason: expect.stringMatching(/licence key/i),
      });

      await host.json(`/api/plugins/${id}/license`, { method: 'PUT', json: { key: issued[id]!() } });
      await host.untilPlugin(id, 'running');
      expect((await host.api(`/plugins/${id}/`)).status).toBe(200);
    },
  );

  (cargo ? it : it.skip)('[LIC-6] what a licence includes is there, and its terms are known', async () => {
    expect(await host.json('/plugins/licensed-rust/')).toEqual({
      ...{ licensed_to: 'Acme Ltd', expires: null, features: ['report'] },
    });
    expect((await host.api('/plugins/licensed-rust/report')).status).toBe(200);
  });
});
