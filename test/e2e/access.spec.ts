import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ApiToken, CurrentUser, List } from '@toru/contracts';
import { ADMIN, startHost, type TestHost } from '../support/host';
import { addToken, addUser, PASSWORD } from '../support/users';

/** Chosen by the owner: the one with which a test signs in when nothing else is said. */
const NEW_PASSWORD = ADMIN.password;

const login = (host: TestHost, username: string, password: string): Promise<Response> =>
  host.api('/api/auth/login', { method: 'POST', as: 'nobody', json: { username, password } });

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0] ?? '';

let host: TestHost;
afterAll(() => (host as TestHost | undefined)?.dispose());

describe('the first start without a password', () => {
  let password: string;
  let session: string;

  beforeAll(async () => {
    host = await startHost({
      plugins: { echo: {} },
      env: { ADMIN_PASSWORD: '', TORU_PUBLIC_URL: 'https://toru.example', TORU_LOG_LEVEL: 'trace' },
    });
    const [, name, found] = /Sign in\s+(\S+) \/ (\S+)/.exec(host.printed()) ?? [];
    expect(name).toBe(ADMIN.username);
    password = found ?? '';
  });

  const as = (path: string, init: Parameters<TestHost['api']>[1] = {}): Promise<Response> =>
    host.api(path, { ...init, as: 'nobody', headers: { cookie: session, 'sec-fetch-site': 'same-origin' } });

  it('makes one up and prints it once', () => {
    expect(password.length).toBeGreaterThanOrEqual(12);
    expect(host.printed().split(password)).toHaveLength(2);
  });

  it('faults 27: behind https the cookie only travels by https', async () => {
    const response = await login(host, ADMIN.username, password);

    expect(cookieOf(response).split('; ')).toContain('Secure');
    expect(await response.json()).toMatchObject({ must_change_password: true });
    session = cookieOf(response).split(';', 1)[0] ?? '';
  });

  it('faults 28: nothing else answers until it is changed', async () => {
    for (const path of ['/api/plugins', '/api/instance', '/api/users', '/api/docs', '/plugins/any/x']) {
      const response = await as(path);
      expect([path, response.status, await response.json()]).toEqual([
        ...[path, 403, expect.objectContaining({ code: 'password_change_required' })],
      ]);
    }
    expect((await as('/api/auth/me')).status).toBe(200);
  });

  it('the same password again, or a short one, is no change', async () => {
    for (const new_password of [password, 'short']) {
      const json = { current_password: password, new_password };
      expect((await as('/api/auth/password', { method: 'POST', json })).status).toBe(400);
    }
    expect((await as('/api/plugins')).status).toBe(403);
  });

  it('after the change everything answers, to the new session alone', async () => {
    const json = { current_password: password, new_password: NEW_PASSWORD };
    const response = await as('/api/auth/password', { method: 'POST', json });
    expect(await response.json()).toMatchObject({ must_change_password: false });
    expect((await as('/api/plugins')).status).toBe(401);

    session = cookieOf(response).split(';', 1)[0] ?? '';
    expect((await as('/api/plugins')).status).toBe(200);
    expect((await login(host, ADMIN.username, password)).status).toBe(401);
  });

  it('faults 18: the second start prints none, and neither password is in any log', async () => {
    const first = host.printed();
    await host.restart({ TORU_PUBLIC_URL: '' });

    expect(host.printed()).not.toContain('Sign in');
    expect((await login(host, ADMIN.username, NEW_PASSWORD)).status).toBe(200);
    const logs = readdirSync(host.directories.log, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.log'))
      .map((name) => readFileSync(path.join(host.directories.log, name), 'utf8'));
    expect(logs.join('').length).toBeGreaterThan(100);
    for (const text of [...logs, host.printed()]) expect(text).not.toContain(password);
    for (const text of [...logs, host.printed(), first]) expect(text).not.toContain(NEW_PASSWORD);
  });
});

/** The second start of the same host, without https. */
describe('signing in', () => {
  beforeAll(() => host.untilPlugin('echo', 'running'));

  it('faults 27: the session is in a cookie that scripts and other sites do not get', async () => {
    const response = await login(host, ADMIN.username, ADMIN.password);
    const [pair = '', ...attributes] = cookieOf(response).split('; ');

    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(pair).toMatch(/^toru_session=[A-Za-z0-9_-]{43}$/);
    expect(attributes.sort()).toEqual([
      'HttpOnly',
      expect.stringMatching(/^Max-Age=\d+$/),
      'Path=/',
      'SameSite=Strict',
    ]);
    expect(await response.json()).toMatchObject({
      ...{ name: ADMIN.username, role: 'admin', kind: 'session', must_change_password: false },
    });
  });

  it('[RTE-5] a plugin is told who asks, and never how that was proven', async () => {
    await addUser(host, 'maria', 'viewer');
    const session = await host.signIn('maria', PASSWORD);
    const { token } = await addToken(host, 'script', 'admin');
    const asked = async (headers: Record<string, string>): Promise<Record<string, string>> => {
      const answer = await host.json<{ headers: Record<string, string> }>('/plugins/echo/x', { as: 'nobody', headers });
      expect(JSON.stringify(answer)).not.toContain(session.slice('toru_session='.length));
      expect(JSON.stringify(answer)).not.toContain(token);
      return answer.headers;
    };

    expect(await asked({ cookie: session, 'x-toru-role': 'admin', 'x-toru-user': 'admin' })).toMatchObject({
      ...{ 'x-toru-user': 'maria', 'x-toru-role': 'viewer' },
    });
    expect(await asked({ authorization: `Bearer ${token}` })).toMatchObject({
      ...{ 'x-toru-user': 'token:script', 'x-toru-role': 'admin' },
    });
  });

  it('shows the secret of a token once', async () => {
    const { id, token } = await addToken(host, 'shown once', 'viewer');
    const list = await host.json<List<ApiToken>>('/api/auth/tokens');

    expect(token).toMatch(/^tsc_/);
    expect(list.items.find((each) => each.id === id)).toMatchObject({ name: 'shown once', created_by: ADMIN.username });
    expect(JSON.stringify(list)).not.toContain(token.slice(4));
  });

  it('faults 28: the last admin can neither be deleted nor demoted', async () => {
    const { id } = await host.json<CurrentUser>('/api/auth/me');

    expect((await host.api(`/api/users/${id}`, { method: 'DELETE' })).status).toBe(409);
    expect((await host.api(`/api/users/${id}`, { method: 'PATCH', json: { role: 'viewer' } })).status).toBe(409);
    expect((await host.api('/api/users')).status).toBe(200);
  });
});
