import { randomBytes } from 'node:crypto';
import type { ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { addToken, addUser, PASSWORD } from '../support/users';

const FORM = 'application/x-www-form-urlencoded';
const EVIL = 'https://evil.example';

/** What another site's page can make a browser send with our cookie. */
const FORGERIES: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['a form of a browser that says nothing', { 'content-type': FORM }, 'a=b'],
  ['text/plain that is JSON', { 'content-type': 'text/plain' }, '{"action":"set","key":"k","value":"v"}'],
  ['a form with a file', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
  ['no body at all', {}, ''],
  ['an opaque origin', { origin: 'null', 'content-type': 'application/json' }, '{}'],
  [
    'an opaque origin that claims more',
    { origin: 'null', 'sec-fetch-site': 'same-origin', 'x-requested-with': 'x' },
    '',
  ],
  ['another origin', { origin: EVIL, 'content-type': 'application/json' }, '{}'],
  ['another origin with our custom header', { origin: EVIL, 'x-requested-with': 'test' }, ''],
  ['another site, as the browser says', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }, '{}'],
  ['a sibling domain', { 'sec-fetch-site': 'same-site', 'content-type': FORM }, 'a=b'],
  ['an origin that begins like ours', { origin: 'http://127.0.0.1.evil.example' }, ''],
];

describe('sessions', () => {
  let host: TestHost;
  let cookie: string;

  beforeAll(async () => {
    host = await startHost({ plugins: { echo: {} } });
    cookie = await host.adminCookie();
    await host.untilPlugin('echo', 'running');
  });
  afterAll(() => host.dispose());

  const me = async (session: string): Promise<number> =>
    (await rawRequest(host.url, '/api/auth/me', { headers: { cookie: session } })).status;
  const pluginAnswers = async (session: string): Promise<number> =>
    (await rawRequest(host.url, '/plugins/echo/x', { headers: { cookie: session } })).status;
  const login = (username: string, password: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    rawRequest(host.url, '/api/auth/login', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      body: JSON.stringify({ username, password }),
    });
  const requestsOfPlugin = async (): Promise<number> =>
    (await host.json<{ requests: number }>('/plugins/echo/pid')).requests;

  describe('fixation', () => {
    it('faults 27: a planted cookie is no session, before and after the sign-in', async () => {
      const planted = `toru_session=${randomBytes(32).toString('base64url')}`;
      await addUser(host, 'victim', 'viewer');
      const answer = await login('victim', PASSWORD, { cookie: planted });

      expect(answer.status).toBe(200);
      expect(sessionOf(answer)).not.toBe(planted);
      expect(await me(planted)).toBe(401);
      expect(await me(sessionOf(answer))).toBe(200);
    });

    it('faults 27: each sign-in changes the cookie and ends the session that it came with', async () => {
      await addUser(host, 'returning', 'viewer');
      const first = sessionOf(await login('returning', PASSWORD));
      const second = sessionOf(await login('returning', PASSWORD, { cookie: first }));

      expect(second).not.toBe(first);
      expect([await me(first), await me(second)]).toEqual([401, 200]);
    });

    it('faults 27: two different session cookies are refused', async () => {
      expect(await me(`${cookie}; toru_session=${randomBytes(32).toString('base64url')}`)).toBe(401);
    });
  });

  describe.each([
    ['the REST API', '/api/plugins/rescan'],
    ["a plugin's route", '/plugins/echo/x'],
    ["a plugin's route under the API", '/api/plugins/route/echo/x'],
    ["a plugin's id under the API", '/api/plugins/echo/x'],
    ['key-value storage', '/api/plugins/echo/kv'],
    ['signing out', '/api/auth/logout'],
  ])('another site and %s', (_, path) => {
    it.each(FORGERIES)('faults 27: %s is refused', async (__, headers, body) => {
      const before = await requestsOfPlugin();
      const answer = await rawRequest(host.url, path, { method: 'POST', headers: { ...headers, cookie }, body });

      expect([answer.status, codeOf(answer)]).toEqual([403, 'csrf_refused']);
      expect(await requestsOfPlugin()).toBe(before + 1);
      expect(await me(cookie)).toBe(200);
    });
  });

  it.each(FORGERIES)('faults 27: nobody is signed in by another site: %s', async (_, headers) => {
    const body = JSON.stringify({ username: 'admin', password: 'x' });
    const answer = await rawRequest(host.url, '/api/auth/login', { method: 'POST', headers, body });

    expect([answer.status, codeOf(answer)]).toEqual([403, 'csrf_refused']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('faults 27: our own pages, and tools that say so, may', async () => {
    const own: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: host.url },
      { 'x-requested-with': 'curl' },
    ];
    for (const headers of own) {
      const { status } = await rawRequest(host.url, '/plugins/echo/x', {
        method: 'POST',
        headers: { ...headers, cookie },
      });
      expect(status).toBe(200);
    }
    const { token } = await addToken(host, 'script', 'admin');
    const bearer = { authorization: `Bearer ${token}`, origin: EVIL, 'sec-fetch-site': 'cross-site' };
    expect((await rawRequest(host.url, '/api/plugins/rescan', { method: 'POST', headers: bearer })).status).toBe(200);
  });

  it('faults 27: a body that is no JSON is refused by the REST API, wherever it comes from', async () => {
    const headers = { cookie, 'x-requested-with': 'test', 'content-type': 'text/plain' };
    const answer = await rawRequest(host.url, '/api/auth/tokens', { method: 'POST', headers, body: '{}' });

    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported_body']);
  });

  describe('the end of a session', () => {
    const twoSessions = async (username: string): Promise<readonly [string, string, string]> => {
      const id = await addUser(host, username, 'admin');
      const sessions = [
        sessionOf(await login(username, PASSWORD)),
        sessionOf(await login(username, PASSWORD)),
      ] as const;
      for (const session of sessions) expect([await me(session), await pluginAnswers(session)]).toEqual([200, 200]);
      return [...sessions, id];
    };
    const expectEnded = async (...sessions: readonly string[]): Promise<void> => {
      for (const each of sessions) expect([await me(each), await pluginAnswers(each)]).toEqual([401, 401]);
    };

    it('faults 27: signing out ends this session at once, and no other', async () => {
      const [first, second] = await twoSessions('leaves');
      const headers = { cookie: first, 'x-requested-with': 'test' };
      const answer = await rawRequest(host.url, '/api/auth/logout', { method: 'POST', headers });

      expect(answer.status).toBe(204);
      expect(answer.headers['set-cookie']?.join()).toMatch(/^toru_session=;.*Max-Age=0/);
      await expectEnded(first);
      expect(await me(second)).toBe(200);
    });

    it('faults 27: a change of the password ends all of them at once; who changed it goes on with a new one', async () => {
      const [thief, owner] = await twoSessions('robbed');
      const answer = await rawRequest(host.url, '/api/auth/password', {
        method: 'POST',
        headers: { cookie: owner, 'content-type': 'application/json' },
        body: JSON.stringify({ current_password: PASSWORD, new_password: 'something else now' }),
      });

      expect(answer.status).toBe(200);
      await expectEnded(thief, owner);
      expect(await me(sessionOf(answer))).toBe(200);
      expect((await login('robbed', PASSWORD)).status).toBe(401);
    });

    it.each([
      ['demotion', { role: 'viewer' }],
      ['a password that an admin sets', { password: 'set by an admin' }],
    ])('faults 27: %s ends all of them at once', async (what, json) => {
      const [first, second, id] = await twoSessions(`user-${what.length}`);
      await host.json(`/api/users/${id}`, { method: 'PATCH', json });

      await expectEnded(first, second);
    });

    it('faults 27: deletion ends all of them at once, and the account is gone', async () => {
      const [first, second, id] = await twoSessions('deleted');
      expect((await host.api(`/api/users/${id}`, { method: 'DELETE' })).status).toBe(204);

      await expectEnded(first, second);
      expect((await login('deleted', PASSWORD)).status).toBe(401);
    });

    it('faults 28: a revoked token is refused at once', async () => {
      const { id, token } = await addToken(host, 'revoked', 'admin');
      expect((await host.api('/plugins/echo/x', { as: { token } })).status).toBe(200);
      await host.api(`/api/auth/tokens/${id}`, { method: 'DELETE' });

      expect((await host.api('/plugins/echo/x', { as: { token } })).status).toBe(401);
    });
  });
});

function sessionOf({ headers }: RawAnswer): string {
  return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
}

function codeOf({ text }: RawAnswer): string {
  return (JSON.parse(text) as ProblemDetails).code;
}
