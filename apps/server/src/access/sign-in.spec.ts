import { AccessBootstrap } from './access-bootstrap';
import { PasswordHasher } from './password-hasher';
import { ADMIN_PASSWORD, AccessApp } from './testing/access-app';

const HOUR_MS = 60 * 60_000;
const NEW_PASSWORD = 'another long password';

describe('sign-in', () => {
  let host: AccessApp;

  beforeEach(async () => {
    host = await AccessApp.start();
  });
  afterEach(async () => {
    await host.stop();
  });

  const me = (headers: Record<string, string>) => host.call('GET', '/api/auth/me', { headers });

  it('sets an opaque cookie that scripts and other sites cannot use, and tells who signed in', async () => {
    const answer = await host.login('Admin');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ name: 'admin', role: 'admin', kind: 'session', must_change_password: false });
    const [cookie] = answer.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/^toru_session=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await me({ cookie: answer.cookie ?? '' })).body).toEqual(answer.body);
  });

  it.each([
    ['a wrong password', 'admin', 'wrong'],
    ['a name that nobody has', 'nobody', ADMIN_PASSWORD],
    ['a name that nobody can have', 'ad\u0000min', ADMIN_PASSWORD],
    ['an empty name', '', ADMIN_PASSWORD],
    ['a name in another script', 'аdmin', ADMIN_PASSWORD],
  ])('[faults 26] answers %s with the same text', async (_, username, password) => {
    const answer = await host.login(username, password);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      code: 'invalid_credentials',
      detail: 'The user name or the password is wrong.',
    });
    expect(answer.cookie).toBeUndefined();
  });

  it.each([
    [{}],
    [{ username: 'admin' }],
    [{ username: ['admin'], password: ADMIN_PASSWORD }],
    [{ username: 'admin', password: { $ne: '' } }],
    [{ username: 'admin', password: ADMIN_PASSWORD, role: 'admin' }],
    [{ username: 'x'.repeat(257), password: ADMIN_PASSWORD }],
  ])('[API-6] refuses %j as an input', async (json) => {
    expect(await host.call('POST', '/api/auth/login', { json })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it('[faults 27] does not take a session that somebody else has chosen, and ends the former one', async () => {
    const planted = { cookie: `toru_session=${'A'.repeat(43)}` };
    const first = await host.login('admin', ADMIN_PASSWORD, { headers: planted });
    expect(first.cookie).not.toBe(planted.cookie);
    expect((await me(planted)).status).toBe(401);

    const former = { cookie: first.cookie ?? '' };
    const second = await host.login('admin', ADMIN_PASSWORD, { headers: former });
    expect((await me(former)).status).toBe(401);
    expect((await me({ cookie: second.cookie ?? '' })).status).toBe(200);
  });

  it('ends the session at sign-out, at once', async () => {
    const session = await host.session();
    const other = await host.session();
    const answer = await host.call('POST', '/api/auth/logout', { headers: session });
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toEqual(['toru_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict']);
    expect((await me(session)).status).toBe(401);
    expect((await me(other)).status).toBe(200);
  });

  it('ends a session after a day without a request, and after seven days in any case', async () => {
    const idle = await host.session();
    const busy = await host.session();
    for (let hours = 0; hours < 24; hours += 12) {
      expect((await me(busy)).status).toBe(200);
      host.clock.advance(12 * HOUR_MS);
    }
    expect((await me(idle)).status).toBe(401);
    for (let hours = 24; hours < 7 * 24; hours += 12) {
      expect((await me(busy)).status).toBe(200);
      host.clock.advance(12 * HOUR_MS);
    }
    expect((await me(busy)).status).toBe(401);
  });

  it('writes down the last use at most once a minute', async () => {
    const session = await host.session();
    const lastSeen = async () =>
      (await host.database.dataSource.query('SELECT last_seen_at FROM sessions'))[0].last_seen_at as string;
    const begun = await lastSeen();
    host.clock.advance(59_000);
    await me(session);
    expect(await lastSeen()).toBe(begun);
    host.clock.advance(2_000);
    await me(session);
    expect(await lastSeen()).toBe('2026-11-21T02:09:14.123Z');
  });

  it('[faults 27] ends all other sessions when the password changes, and goes on with a new one', async () => {
    const stolen = await host.session();
    const own = await host.session();
    expect((await me(stolen)).status).toBe(200);
    const answer = await host.call('POST', '/api/auth/password', {
      headers: own,
      json: { current_password: ADMIN_PASSWORD, new_password: NEW_PASSWORD },
    });
    expect(answer.status).toBe(200);
    expect((await me(stolen)).status).toBe(401);
    expect((await me(own)).status).toBe(401);
    expect((await me({ cookie: answer.cookie ?? '' })).status).toBe(200);
    expect((await host.login()).status).toBe(401);
    expect((await host.login('admin', NEW_PASSWORD)).status).toBe(200);
  });

  it.each([
    ['a wrong current password', 'wrong', NEW_PASSWORD, 401, 'invalid_credentials'],
    ['a new one that is too short', ADMIN_PASSWORD, 'seven77', 400, 'validation_failed'],
    ['the same one again', ADMIN_PASSWORD, ADMIN_PASSWORD, 400, 'validation_failed'],
  ])('refuses a change of password with %s', async (_, current, next, status, code) => {
    const session = await host.session();
    const answer = await host.call('POST', '/api/auth/password', {
      headers: session,
      json: { current_password: current, new_password: next },
    });
    expect(answer).toMatchObject({ status, body: { code } });
    expect((await me(session)).status).toBe(200);
  });

  it('[faults 26] throttles guesses at the current password of a stolen session', async () => {
    const session = await host.session();
    const guess = () =>
      host.call('POST', '/api/auth/password', {
        headers: session,
        json: { current_password: 'guess', new_password: NEW_PASSWORD },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await guess()).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('does not make a password up, nor overwrite one, where users exist', async () => {
    const later = await AccessApp.on(host.database, host.clock, { adminPassword: 'set much later' });
    try {
      expect(await later.app.get(AccessBootstrap).firstPassword()).toBeUndefined();
      expect((await later.login('admin', 'set much later')).status).toBe(401);
      expect((await later.login()).status).toBe(200);
    } finally {
      await later.app.close();
    }
  });

  it('[faults 27] a session ended on one host is refused by another within a second', async () => {
    const other = await AccessApp.on(host.database, host.clock);
    try {
      const session = await host.session();
      const there = () => other.call('GET', '/api/auth/me', { headers: session });
      expect((await there()).status).toBe(200);
      await host.call('POST', '/api/auth/logout', { headers: session });
      host.clock.advance(1_000);
      expect((await there()).status).toBe(401);
    } finally {
      await other.app.close();
    }
  });
});

describe('sign-in with hashes that cost what they cost outside of tests', () => {
  let host: AccessApp;

  beforeEach(async () => {
    host = await AccessApp.start({}, [], [], new PasswordHasher());
  });
  afterEach(async () => {
    await host.stop();
  });

  it('stores neither password nor session secret', async () => {
    const { cookie } = await host.session();
    const dump = JSON.stringify([
      await host.database.dataSource.query('SELECT * FROM users'),
      await host.database.dataSource.query('SELECT * FROM sessions'),
    ]);
    expect(dump).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(dump).not.toContain(ADMIN_PASSWORD);
    expect(dump).not.toContain(cookie.split('=')[1]);
  });

  it('[faults 26] throttles parallel guesses without locking out the owner elsewhere', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 30 }, (_, i) => host.login('admin', `guess ${i}`, { from: '127.0.0.9' })),
    );
    const statuses = guesses.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
    const refused = guesses.find((answer) => answer.status === 429);
    expect(refused).toMatchObject({ body: { code: 'too_many_requests' }, headers: { 'retry-after': '1' } });

    expect((await host.login('admin', ADMIN_PASSWORD, { from: '127.0.0.9' })).status).toBe(429);
    expect((await host.login('admin', ADMIN_PASSWORD, { from: '127.0.0.10' })).status).toBe(200);
    host.clock.advance(1_000);
    expect((await host.login('admin', ADMIN_PASSWORD, { from: '127.0.0.9' })).status).toBe(200);
  });
});

describe('the first start without ADMIN_PASSWORD', () => {
  it('makes a password up that has to be changed before anything else', async () => {
    const host = await AccessApp.start({ adminPassword: undefined, adminUsername: 'root' });
    try {
      const password = (await host.app.get(AccessBootstrap).firstPassword()) ?? '';
      expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
      const login = await host.login('root', password);
      expect(login.body).toMatchObject({ name: 'root', must_change_password: true });
      const first = { cookie: login.cookie ?? '' };
      expect(await host.call('GET', '/api/users', { headers: first })).toMatchObject({
        status: 403,
        body: { code: 'password_change_required' },
      });
      expect((await host.call('GET', '/api/auth/me', { headers: first })).status).toBe(200);

      const changed = await host.call('POST', '/api/auth/password', {
        headers: first,
        json: { current_password: password, new_password: NEW_PASSWORD },
      });
      expect(changed.body).toMatchObject({ must_change_password: false });
      expect((await host.call('GET', '/api/users', { headers: { cookie: changed.cookie ?? '' } })).status).toBe(200);
    } finally {
      await host.stop();
    }
  });

  it('makes the cookie Secure where browsers come by https', async () => {
    const host = await AccessApp.start({ publicUrl: 'https://toru.example' });
    try {
      const answer = await host.login();
      expect((answer.headers['set-cookie'] as string[])[0]).toMatch(/; Secure(;|$)/);
    } finally {
      await host.stop();
    }
  });
});
