import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page, PluginEvent } from '@toru/contracts';
import { ADMIN, startHost, type TestHost } from '../support/host';
import { rawRequest } from '../support/raw-request';
import { addToken, addUser, PASSWORD } from '../support/users';

const WRONG_PASSWORD = 'a wrong password, typed by mistake';
const NEXT_PASSWORD = 'the next password of maria';
const IN_A_QUERY = 'secret-in-a-query';
const IN_A_BODY = 'secret-in-a-body';
const STORED = 'secret-that-a-plugin-has-stored';

/** A day in the life of a host at its most talkative, then everything that it wrote or answered is looked through. */
describe('secrets', () => {
  let host: TestHost;
  const secrets = new Map<string, string>();
  const answers: string[] = [];

  beforeAll(async () => {
    host = await startHost({
      plugins: { echo: {}, crashing: {} },
      env: { TORU_LOG_LEVEL: 'trace', TORU_BACKOFF_BASE_MS: '20', TORU_REQUEST_TIMEOUT_MS: '1000' },
    });
    await Promise.all(['echo', 'crashing'].map((id) => host.untilPlugin(id, 'running')));
    const ask = async (...[target, init]: Parameters<TestHost['api']>): Promise<void> => {
      answers.push(await (await host.api(target, init)).text());
    };
    const cookie = await host.adminCookie();
    await addUser(host, 'maria', 'viewer');
    const maria = await host.signIn('maria', PASSWORD);
    const kept = await addToken(host, 'kept', 'admin');
    const revoked = await addToken(host, 'revoked', 'admin');
    for (const [name, value] of Object.entries({
      ...{ adminPassword: ADMIN.password, password: PASSWORD, wrongPassword: WRONG_PASSWORD, next: NEXT_PASSWORD },
      ...{ cookie: cookie.split('=')[1] ?? '', maria: maria.split('=')[1] ?? '' },
      ...{ kept: kept.token.slice(4), revoked: revoked.token.slice(4) },
      ...{ IN_A_QUERY, IN_A_BODY, STORED },
    })) {
      secrets.set(name, value);
    }

    const wrong = { username: ADMIN.username, password: WRONG_PASSWORD };
    for (let i = 0; i < 7; i++) await ask('/api/auth/login', { method: 'POST', as: 'nobody', json: wrong });
    // the password where the name belongs
    await ask('/api/auth/login', { method: 'POST', as: 'nobody', json: { username: WRONG_PASSWORD, password: 'x' } });
    await ask('/api/auth/login', {
      method: 'POST',
      as: 'nobody',
      json: { username: 'a', password: 5, x: WRONG_PASSWORD },
    });
    await ask('/api/auth/login', {
      ...{ method: 'POST', as: 'nobody', headers: { 'content-type': 'application/json' } },
      body: `{"username":"admin","password":"${WRONG_PASSWORD}`,
    });
    await ask('/api/auth/login', {
      ...{ method: 'POST', as: 'nobody', headers: { 'content-type': 'application/json' } },
      body: `{"password":"${WRONG_PASSWORD}",x}`,
    });
    await ask(`/api/auth/tokens/${revoked.id}`, { method: 'DELETE' });
    await ask('/api/plugins', { as: revoked });
    await ask('/api/plugins', { as: { token: `${kept.token}x` } });
    await ask(`/api/plugins?token=${kept.token}&q=${IN_A_QUERY}`, { as: kept });
    await ask(`/api/nothing?q=${IN_A_QUERY}`);
    await ask('/api/plugins/rescan', {
      method: 'POST',
      as: 'nobody',
      headers: { cookie, origin: 'https://evil.example' },
    });
    const change = { current_password: PASSWORD, new_password: NEXT_PASSWORD };
    await ask('/api/auth/password', { method: 'POST', as: 'nobody', headers: { cookie: maria }, json: change });
    for (const place of ['x', 'chaos/garbage', 'chaos/hang', 'chaos/close']) {
      const target = `/plugins/echo/${place}?q=${IN_A_QUERY}`;
      // only what is asked of a plugin that echoes would come back; the others answer with problems
      const init = { method: 'POST', body: IN_A_BODY, headers: { 'content-type': 'text/plain' } } as const;
      const response = await host.api(target, { ...init, as: kept });
      const text = await response.text();
      if (!response.ok) answers.push(text);
      else expect(text).not.toContain(kept.token.slice(4));
    }
    await ask(`/plugins/crashing/chaos/crash?q=${IN_A_QUERY}`, {
      method: 'POST',
      body: IN_A_BODY,
      headers: { cookie },
    });
    const kv = { action: 'set', key: 'k', value: `${STORED}\0` };
    await ask('/api/plugins/echo/kv', { method: 'POST', json: kv });
    await ask('/api/plugins/echo/kv', { method: 'POST', json: { ...kv, value: STORED } });
    await rawRequest(host.url, `/api//plugins?q=${IN_A_QUERY}`, { headers: { cookie } });
    await ask('/api/auth/logout', { method: 'POST' });
    answers.push(JSON.stringify(await host.json<Page<PluginEvent>>('/api/events?page_size=200', { as: kept })));
    for (const list of ['/api/auth/tokens', '/api/users']) await ask(list, { as: kept });
    await host.stop();
  });
  afterAll(() => host.dispose());

  const expectNone = (where: string, text: string): void => {
    for (const [name, secret] of secrets) expect([where, name, text.includes(secret)]).toEqual([where, name, false]);
  };

  it('faults 18: are in no log file', () => {
    const files = readdirSync(host.directories.log, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.log/.test(name),
    );

    expect(files).toEqual(expect.arrayContaining(['host.log', 'plugin-supervisor.log']));
    for (const name of files) {
      const text = readFileSync(path.join(host.directories.log, name), 'utf8');
      expectNone(name, text);
      expectNone(`${name}, decoded`, decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '')));
    }
    // the log does tell of these requests
    expect(readFileSync(path.join(host.directories.log, 'host.log'), 'utf8')).toContain('/plugins/echo/chaos/garbage');
  });

  it('faults 18: are in nothing that the host printed', () => {
    expectNone('printed', host.printed());
  });

  it('faults 18: are in no error, no event and no list', () => {
    expect(answers.length).toBeGreaterThan(20);
    for (const text of answers) expectNone(text.slice(0, 200), text);
  });

  it('faults 18: are in the database only as hashes', () => {
    if (host.databaseUrl !== undefined) return;
    const bytes = readdirSync(host.directories.data)
      .filter((name) => name.startsWith('toru.sqlite'))
      .map((name) => readFileSync(path.join(host.directories.data, name)).toString('latin1'))
      .join('');
    for (const [name, secret] of secrets) {
      if (secret !== STORED) expect([name, bytes.includes(secret)]).toEqual([name, false]);
    }
    expect(bytes).toContain(STORED);
  });
});
