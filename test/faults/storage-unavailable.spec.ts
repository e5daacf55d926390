import path from 'node:path';
import Database from 'better-sqlite3';
import type { KvRequest, ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { nameOf, onServer, terminateClients } from '../support/postgres-clients';
import { addToken } from '../support/users';

/** Takes the database away from the host; the answer gives it back. */
type Outage = (host: TestHost) => Promise<() => Promise<void>>;

/** The host may be writing at this moment. Only a hang reaches it. */
const LOCK_TIMEOUT_MS = 45_000;

/** Another program holds the file, as a backup does. */
const lockFile: Outage = (host) => {
  const database = new Database(path.join(host.directories.data, 'toru.sqlite'), { timeout: LOCK_TIMEOUT_MS });
  database.exec('BEGIN EXCLUSIVE');
  return Promise.resolve(() => {
    database.exec('ROLLBACK');
    database.close();
    return Promise.resolve();
  });
};

/** The server throws everybody out and takes no connection. */
const closeServer: Outage = async ({ databaseUrl = '' }) => {
  const allow = async (yes: boolean): Promise<void> => {
    await onServer(databaseUrl, `ALTER DATABASE ${nameOf(databaseUrl)} ALLOW_CONNECTIONS ${String(yes)}`);
  };
  await allow(false);
  await terminateClients(databaseUrl);
  return () => allow(true);
};

describe('the database is away for a while', () => {
  let host: TestHost;
  let token: string;

  beforeAll(async () => {
    host = await startHost({ plugins: { alpha: {} } });
    ({ token } = await addToken(host, 'writer', 'admin'));
    await host.untilPlugin('alpha', 'running');
  });
  afterAll(() => host.dispose());

  const kv = (json: KvRequest): Promise<Response> =>
    host.api('/api/plugins/alpha/kv', { method: 'POST', json, as: { token } });
  const set = (value: string): Promise<Response> => kv({ action: 'set', key: 'k', value });
  const value = async (): Promise<unknown> => (await kv({ action: 'get', key: 'k' })).json();

  it('faults 30: writes are a 503 that says when to try again, and nothing is half done', async () => {
    expect((await set('before')).status).toBe(200);
    const end = await (host.databaseUrl === undefined ? lockFile : closeServer)(host);
    try {
      const responses = await Promise.all([set('during'), set('during'), host.api('/api/auth/login', login())]);
      for (const response of responses) {
        expect(response.status).toBe(503);
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await response.json()) as ProblemDetails).toMatchObject({ code: 'storage_unavailable' });
      }
      expect(responses.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
    } finally {
      await end();
    }

    await host.waitFor('writes to work again', async () => (await set('after')).ok);
    expect(await value()).toEqual({ value: 'after' });
  });

  it('faults 30: the host lives on and says so, and its plugins are not touched', async () => {
    const before = await host.json<{ pid: number }>('/plugins/alpha/pid');
    const { pid } = host;
    const end = await (host.databaseUrl === undefined ? lockFile : closeServer)(host);
    try {
      expect((await set('during')).status).toBe(503);
      expect((await host.api('/health/live')).status).toBe(200);
      expect((await host.api('/console/')).status).toBe(200);
      if (host.databaseUrl !== undefined) expect((await host.api('/health/ready', { as: 'nobody' })).status).toBe(503);
    } finally {
      await end();
    }

    await host.waitFor('the host to be ready', async () => (await host.api('/health/ready', { as: 'nobody' })).ok);
    expect(await host.json('/plugins/alpha/pid')).toMatchObject({ pid: before.pid });
    expect(host.pid).toBe(pid);
  });

  it('faults 30: an event that could not be stored then is stored later', async () => {
    const count = async (): Promise<number> =>
      (await host.json<{ items: unknown[] }>('/api/plugins/alpha/events?event_type=stopped', { as: { token } })).items
        .length;
    const before = await count();
    const end = await (host.databaseUrl === undefined ? lockFile : closeServer)(host);
    // the token is known for a moment, and the plugin's state is in a file: the command itself needs no database
    await host.api('/api/plugins/alpha/disable', { method: 'POST', as: { token } });
    await end();
    await host.waitFor('the plugin to be disabled', async () => {
      const { status } = await host.plugin('alpha');
      if (status !== 'disabled') await host.disable('alpha');
      return status === 'disabled';
    });

    await host.waitFor('the event to be stored', async () => (await count()) === before + 1);
    await host.enable('alpha');
  });

  it('faults 30: connections that break off are made anew', async () => {
    if (host.databaseUrl === undefined) {
      const end = await lockFile(host);
      await end();
    } else {
      await terminateClients(host.databaseUrl);
    }
    await host.waitFor('writes to work again', async () => (await set('anew')).ok);

    expect(await value()).toEqual({ value: 'anew' });
    expect(host.printed()).not.toMatch(/uncaughtException|unhandledRejection/);
  });
});

const login = () => ({
  ...{ method: 'POST', as: 'nobody' as const, json: { username: 'admin', password: 'correct horse battery' } },
});
