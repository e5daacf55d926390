import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type {
  InstanceInfo,
  LicenseOverview,
  Page,
  PluginEvent,
  PluginLicense,
  PluginLicenseAnswer,
} from '@toru/contracts';
import { issueHmacLicence } from '@toru/licensing';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import Database from 'better-sqlite3';
import pg from 'pg';
import { startHost, type TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DAY_MS = 86_400_000;
/** Days since the epoch, in UTC as the host counts them. */
const today = (): number => Math.floor(Date.now() / DAY_MS);
const FIRST_DAY = today();
/** What is left of a key that was issued for so many days: one day less from midnight on, which may come at any time. */
const daysLeftOf = (days: number): number => FIRST_DAY + days - today() + 1;
const REFUSED_KEY = Buffer.from(`a key that is refused, with some / in it: ${'/'.repeat(8)}`).toString('base64') + 'x=';
/** Says what it was given; without a key, or with a bad one, it ends as version 1 does that has no licence. */
const OLD = `
key = os.environ.get('TORU_LICENSE_KEY')
if not key or key.endswith('bad'):
    print('No valid licence, the key is', key, file=sys.stderr)
    sys.exit(78)
serve()
`;

describe('licences of plugins', () => {
  let host: TestHost;
  let instance: string;
  const answers: string[] = [];
  const keys = new Set<string>([REFUSED_KEY]);

  beforeAll(async () => {
    host = await startHost({
      plugins: { plain: {} },
      env: {
        ...{ TORU_WATCH_PLUGINS: 'true', TORU_SETTLE_MS: '20', TORU_LOG_LEVEL: 'trace' },
        ...{ TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '20' },
      },
    });
    writeTinyPlugin(host.directories.plugins, { id: 'old', does: OLD, metadata: { license: 'required' } });
    const file = path.join(host.directories.plugins, 'licensed.binary');
    const built = `${file}.new`;
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/sdk-licensed.ts', '-o', built], {
      cwd: ROOT,
    });
    renameSync(built, file);
    await host.api('/api/plugins/rescan', { method: 'POST' });
    instance = (await host.json<InstanceInfo>('/api/instance')).instance_id;
    await host.enable('licensed');
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const at = (id: string): string => `/api/plugins/${id}/license`;
  /** A key to the end of the day so many days after the one on which the tests begin. */
  const issue = (days: number, secret = 'the secret of a vendor'): string => {
    const expires = new Date((FIRST_DAY + days) * DAY_MS).toISOString().slice(0, 10);
    const issued = issueHmacLicence({ secret, instanceId: instance, expires });
    if (!issued.ok) throw new Error(issued.message);
    keys.add(issued.key);
    return issued.key;
  };
  const keep = async <T>(response: Promise<T>): Promise<T> => {
    const answer = await response;
    answers.push(JSON.stringify(answer));
    return answer;
  };
  const enter = (id: string, key: string): Promise<PluginLicenseAnswer> =>
    keep(host.json(at(id), { method: 'PUT', json: { key } }));
  const view = (id: string): Promise<PluginLicense> => keep(host.json(at(id)));
  const seen = (): Promise<{ key: string | null; env: string | null }> => host.json('/plugins/licensed');
  const eventsOf = async (id: string): Promise<PluginEvent[]> => [
    ...(await keep(host.json<Page<PluginEvent>>(`/api/plugins/${id}/events?page_size=100`))).items,
  ];
  const typesOf = async (id: string): Promise<string[]> => (await eventsOf(id)).map(({ event_type }) => event_type);
  /** At once, as whoever knows of the watcher puts a file there. */
  const putFile = (name: string, text: string, mode = 0o600): void => {
    const file = path.join(host.directories.plugins, name);
    writeFileSync(`${file}.new`, text);
    chmodSync(`${file}.new`, mode);
    renameSync(`${file}.new`, file);
  };

  it('[LIC-1] plugins run without any licence', async () => {
    await host.untilPlugin('licensed', 'running');
    await host.untilPlugin('plain', 'running');

    expect(await seen()).toEqual({ key: null, env: null });
    expect(await view('plain')).toMatchObject({ state: 'none', source: null, key: null, terms: null, file: null });
    const { items, clock } = await keep(host.json<LicenseOverview>('/api/licenses'));
    expect(items.map(({ plugin }) => plugin)).toEqual(['old']);
    expect(clock.set_back).toBe(false);
  });

  it('[LIC-1] a key that was entered is shown masked with its terms, and reaches the plugin at its next start', async () => {
    const key = issue(400);
    const before = daysLeftOf(400);

    const answer = await enter('licensed', `  ${key}\n`);
    expect([before, daysLeftOf(400)]).toContain(answer.days_left);
    expect(answer).toMatchObject({
      ...{ source: 'entered', state: 'valid', applied: 'restart_required' },
      key: `${key.slice(0, 4)}…${key.slice(-4)}`,
      terms: { form: 'hmac', instance_id: instance, this_instance: true, features: [] },
    });
    expect(await enter('licensed', key)).toMatchObject({ applied: 'unchanged' });
    expect(await seen()).toEqual({ key: null, env: null });
    await host.api('/api/plugins/licensed/restart', { method: 'POST' });
    expect(await seen()).toEqual({ key, env: key });
    expect(await typesOf('licensed')).toContain('license_changed');
  });

  it('[LIC-3] [SUP-10] a plugin that refuses its key has failed with its reason, until the key changes', async () => {
    await enter('licensed', REFUSED_KEY);
    await host.api('/api/plugins/licensed/restart', { method: 'POST' });
    const failed = await host.untilPlugin('licensed', 'failed');

    expect(failed).toMatchObject({
      enabled: true,
      refusal: 'license',
      reason: expect.stringContaining('is not for this'),
    });
    expect(await view('licensed')).toMatchObject({ state: 'unreadable', days_left: null, terms: null });
    expect(await typesOf('licensed')).toContain('license_refused');
    // nobody tries it with the same key again: neither who looks for changes nor who looks after its health
    expect(await enter('licensed', REFUSED_KEY)).toMatchObject({ applied: 'unchanged' });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    const again = await host.plugin('licensed');
    expect(again).toMatchObject({ status: 'failed', restarts: failed.restarts });

    // 7 and 3 days before the end are told of: 6 and, a midnight later, 5 are one of these
    const before = daysLeftOf(5);
    const answer = await enter('licensed', issue(5));
    expect(answer).toMatchObject({ applied: 'started', state: 'expiring' });
    await host.untilPlugin('licensed', 'running');
    const told = await host.waitFor('the end to be told of', async () =>
      (await eventsOf('licensed')).find(({ event_type }) => event_type === 'license_expiring'),
    );
    for (const days of [answer.days_left, told.details['days_left']]) {
      expect([before, daysLeftOf(5)]).toContain(days);
    }
  });

  it('[LIC-3] [LIC-5] a version 1 plugin that refuses runs as soon as a key is there, from a file as well', async () => {
    await host.api('/api/plugins/old/enable', { method: 'POST' });
    expect(await host.untilPlugin('old', 'failed')).toMatchObject({
      refusal: 'license',
      reason: expect.stringContaining('No valid licence'),
    });

    const key = issue(-1);
    putFile('old.license', `${key}\n`);
    await host.untilPlugin('old', 'running');
    expect(await view('old')).toMatchObject({
      ...{ source: 'file', state: 'expired', days_left: 0, file: { name: 'old.license', problem: null } },
    });
    // that it has ended is told of, and stops nobody
    await host.waitFor('the end to be told of', async () => (await typesOf('old')).includes('license_expired'));
    const { pid } = await host.plugin('old');

    const entered = issue(100);
    expect(await enter('old', entered)).toMatchObject({ source: 'entered', file: { problem: null } });
    const removed = await keep(host.json<PluginLicenseAnswer>(at('old'), { method: 'DELETE' }));
    expect(removed).toMatchObject({ source: 'file', applied: 'restart_required', state: 'expired' });
    expect((await host.plugin('old')).pid).toBe(pid);
    const nothing = await host.api(at('old'), { method: 'DELETE' });
    expect(await nothing.json()).toMatchObject({ code: 'not_found', detail: expect.stringContaining('old.license') });
  });

  it('[LIC-3] [SUP-8] an update that refuses the key waits beside the version that runs, and is tried with the next key', async () => {
    const version = (version: string, does?: string): void => {
      const metadata = { version, license: 'required' };
      writeTinyPlugin(host.directories.plugins, { id: 'grown', ...(does !== undefined && { does }), metadata });
    };
    version('1.0.0');
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.enable('grown');
    const { pid } = await host.plugin('grown');
    version('2.0.0', OLD);
    await host.waitFor('the update to be refused', async () => (await typesOf('grown')).includes('update_failed'));

    expect(await host.plugin('grown')).toMatchObject({ status: 'running', running_version: '1.0.0', pid });
    expect(await enter('grown', issue(50))).toMatchObject({ applied: 'update_retried' });
    await host.waitFor('the update', async () => (await host.plugin('grown')).running_version === '2.0.0');
    expect(await enter('grown', issue(51))).toMatchObject({ applied: 'restart_required' });
  });

  it.each<[string, () => void, string]>([
    ['that everybody may write to', () => putFile('plain.license', issue(9), 0o606), 'chmod o-w'],
    ['of several lines', () => putFile('plain.license', 'one\ntwo'), 'several lines'],
    [
      'that is a link',
      () => {
        rmSync(path.join(host.directories.plugins, 'plain.license'));
        symlinkSync('old.license', path.join(host.directories.plugins, 'plain.license'));
      },
      'symbolic link',
    ],
  ])('[LIC-1] [ISO-5] a file %s is refused with its reason', async (_, make, problem) => {
    make();

    await host.waitFor('the reason', async () => (await view('plain')).file?.problem?.includes(problem) === true);
    expect(await view('plain')).toMatchObject({ source: null, key: null, state: 'none' });
  });

  it('[LIC-1] [API-6] refuses what is no key, without showing it', async () => {
    for (const key of [
      '',
      ' \n',
      'one\ntwo-lines-of-it',
      'schlüssel-of-somebody',
      'x'.repeat(4_097),
      'y'.repeat(9_000),
      7,
      null,
    ]) {
      const refused = await host.api(at('plain'), { method: 'PUT', json: { key } });
      const text = await refused.text();
      expect([refused.status, JSON.parse(text)]).toMatchObject([400, { code: 'validation_failed' }]);
      if (typeof key === 'string' && key.length > 9) expect(text).not.toContain(key.slice(-9));
    }
    expect((await view('plain')).source).toBeNull();
  });

  it('[LIC-5] what was told of an end is not told again after a restart, and a clock set back is noticed', async () => {
    const told = async (): Promise<number> =>
      (await typesOf('licensed')).filter((type) => type === 'license_expiring').length;
    const before = await told();
    await host.stop();
    await setHighestTime(host, '2099-12-31T00:00:00.000Z');
    await host.start();
    await host.untilPlugin('licensed', 'running');
    const overview = (): Promise<LicenseOverview> => keep(host.json<LicenseOverview>('/api/licenses'));

    // the host looks at the clock beside its start
    const clock = await host.waitFor('the clock to be looked at', async () => {
      const seen = (await overview()).clock;
      return seen.set_back && seen;
    });
    expect(clock.highest_seen).toBe('2099-12-31T00:00:00.000Z');
    const { items } = await host.json<Page<PluginEvent>>('/api/events?event_type=clock_set_back');
    expect(items).toMatchObject([{ plugin_id: '', details: { highest_seen: '2099-12-31T00:00:00.000Z' } }]);
    await host.json('/api/licenses/clock/accept', { method: 'POST' });
    expect((await overview()).clock.set_back).toBe(false);

    rmSync(path.join(host.directories.plugins, 'plain.license'));
    await enter('plain', issue(1));
    // plugins are looked at in the order of their files
    await host.waitFor('the last one to be told of', async () => (await typesOf('plain')).includes('license_expiring'));
    expect(before).toBe(1);
    expect(await told()).toBe(1);
  });

  it('[LIC-1] faults 18: a key stands in no log, event, answer or crash document, whatever its plugin says', async () => {
    await host.api('/plugins/licensed/crash', { method: 'POST' });
    await host.waitFor('the crash', async () => (await host.plugin('licensed')).restarts > 0);
    await host.untilPlugin('licensed', 'running');
    type Crashes = Page<{ id: number }>;
    const crashes = await keep(host.json<Crashes>('/api/plugins/licensed/crashes'));
    expect(crashes.items).toHaveLength(1);
    for (const { id } of crashes.items) await keep(host.json(`/api/plugins/licensed/crashes/${id}`));
    for (const place of ['licensed', 'old', 'licensed/logs', 'old/logs', 'licensed/logs?source=supervisor']) {
      await keep(host.json(`/api/plugins/${place}`));
    }
    await keep(host.json('/api/events?page_size=200'));
    await keep(host.json('/api/licenses'));
    await host.stop();
    const files = readdirSync(host.directories.log, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.log'))
      .map((name) => [name, readFileSync(path.join(host.directories.log, name), 'utf8')] as const);
    const places = [...files, ['answers', answers.join('\n')], ['printed', host.printed()]] as const;

    for (const [place, text] of places) {
      for (const key of keys) expect([place, text.includes(key)]).toEqual([place, false]);
    }
    // they do tell of it
    const log = files.find(([name]) => name.endsWith('licensed.log'))?.[1] ?? '';
    for (const said of ['printed: [redacted]', 'logged: [redacted]', '"key":"[redacted]"', 'crashes with [redacted]']) {
      expect(log).toContain(said);
    }
    expect(answers.join('\n')).toContain('The licence key [redacted] is not for this plugin.');
  });
});

/** While the host is not running. */
async function setHighestTime(host: TestHost, time: string): Promise<void> {
  if (host.databaseUrl === undefined) {
    const database = new Database(path.join(host.directories.data, 'toru.sqlite'));
    database.prepare('UPDATE host_clock SET highest_at = ?').run(time);
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: host.databaseUrl });
  await client.connect();
  await client.query('UPDATE host_clock SET highest_at = $1', [time]);
  await client.end();
}
