import { DataSource } from 'typeorm';
import { ADMIN_PASSWORD, AccessApp, type Answer } from './testing/access-app';

const PASSWORD = 'a good long password';

describe('users', () => {
  let host: AccessApp;
  let admin: { cookie: string };

  beforeEach(async () => {
    host = await AccessApp.start();
    admin = await host.session();
  });
  afterEach(async () => {
    await host.stop();
  });

  const add = (username: string, role = 'viewer', more: object = {}) =>
    host.call('POST', '/api/users', { headers: admin, json: { username, password: PASSWORD, role, ...more } });
  const change = (id: unknown, json: object, headers = admin) =>
    host.call('PATCH', `/api/users/${String(id)}`, { headers, json });
  const remove = (id: unknown, headers = admin) => host.call('DELETE', `/api/users/${String(id)}`, { headers });
  const me = (headers: Record<string, string>) => host.call('GET', '/api/auth/me', { headers });
  const ownId = async () => (await me(admin)).body['id'];

  it('are added, listed without their hashes, and can sign in', async () => {
    const added = await add('Maria.K');
    expect(added.status).toBe(201);
    expect(added.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'Maria.K',
      role: 'viewer',
      must_change_password: false,
      created_at: '2026-11-21T02:08:13.123Z',
      updated_at: '2026-11-21T02:08:13.123Z',
    });
    const list = await host.call('GET', '/api/users', { headers: admin });
    expect(list.body).toEqual({ items: [expect.objectContaining({ username: 'admin' }), added.body] });
    expect((await host.login('maria.k', PASSWORD)).status).toBe(200);
  });

  it('have names that differ in more than the case of letters', async () => {
    await add('maria');
    expect(await add('MARIA')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('have one name each when two requests come together', async () => {
    const answers = await Promise.all([add('maria'), add('Maria'), add('MARIA')]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
  });

  it.each([
    [{ username: '' }],
    [{ username: 'a b' }],
    [{ username: 'x'.repeat(65) }],
    [{ username: 'ma\u0000ria' }],
    [{ username: 'token:x' }],
    [{ username: 'mаria' }],
    [{ password: 'seven77' }],
    [{ password: 'x'.repeat(1025) }],
    [{ role: 'root' }],
    [{ role: null }],
    [{ must_change_password: 'no' }],
    [{ id: 'chosen' }],
  ])('[API-6] are not added with %j', async (json) => {
    expect(await add('maria', 'viewer', json)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it.each([['1'], ['..'], ['%00'], ['constructor'], ['00000000-0000-0000-0000-00000000000g']])(
    '[API-6] with the id %s are refused before they are looked for',
    async (id) => {
      expect((await change(id, { role: 'viewer' })).status).toBeGreaterThanOrEqual(400);
      expect((await remove(id)).status).toBeLessThan(500);
    },
  );

  it('that do not exist are not found', async () => {
    const id = '7d444840-9dc0-41d1-b245-5ffdce74fad2';
    expect(await change(id, { role: 'viewer' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await remove(id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('[faults 27] lose their sessions at once when they are demoted', async () => {
    const { id } = (await add('maria', 'admin')).body;
    const maria = await host.session('maria', PASSWORD);
    expect((await host.call('GET', '/api/users', { headers: maria })).status).toBe(200);
    expect((await change(id, { role: 'viewer' })).body).toMatchObject({ role: 'viewer' });
    expect((await me(maria)).status).toBe(401);
    const again = await host.session('maria', PASSWORD);
    expect((await host.call('GET', '/api/users', { headers: again })).status).toBe(403);
  });

  it('[faults 27] lose their sessions at once when an admin sets their password', async () => {
    const { id } = (await add('maria')).body;
    const maria = await host.session('maria', PASSWORD);
    expect((await me(maria)).status).toBe(200);
    const changed = await change(id, { password: 'a password for the moment', must_change_password: true });
    expect(changed.body).toMatchObject({ must_change_password: true });
    expect((await me(maria)).status).toBe(401);
    expect((await host.login('maria', PASSWORD)).status).toBe(401);
    expect((await host.login('maria', 'a password for the moment')).status).toBe(200);
  });

  it('[faults 27] lose their sessions at once when they are removed', async () => {
    const { id } = (await add('maria')).body;
    const maria = await host.session('maria', PASSWORD);
    expect((await me(maria)).status).toBe(200);
    expect((await remove(id)).status).toBe(204);
    expect((await me(maria)).status).toBe(401);
    expect((await host.login('maria', PASSWORD)).status).toBe(401);
  });

  it('keep their sessions when nothing changes', async () => {
    const { id } = (await add('maria')).body;
    const maria = await host.session('maria', PASSWORD);
    expect((await change(id, { role: 'viewer' })).status).toBe(200);
    expect((await change(id, {})).status).toBe(200);
    expect((await me(maria)).status).toBe(200);
  });

  it('always include an admin', async () => {
    const id = await ownId();
    expect(await remove(id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await change(id, { role: 'viewer' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await host.call('GET', '/api/users', { headers: await host.session() })).status).toBe(200);
  });

  it('include an admin also when all admins are removed or demoted at the same time', async () => {
    const ids = [await ownId()];
    for (const name of ['a', 'b', 'c']) ids.push((await add(name, 'admin')).body['id']);
    const token = (
      await host.call('POST', '/api/auth/tokens', { headers: admin, json: { name: 'robot', role: 'admin' } })
    ).body['token'];
    const robot = { authorization: `Bearer ${String(token)}` } as unknown as { cookie: string };
    const answers: Answer[] = await Promise.all(
      ids.map((id, i) => (i % 2 === 0 ? remove(id, robot) : change(id, { role: 'viewer' }, robot))),
    );
    expect(answers.map((answer) => answer.status).filter((status) => status === 409)).toHaveLength(1);
    const { items } = (await host.call('GET', '/api/users', { headers: robot })).body as { items: { role: string }[] };
    expect(items.filter((user) => user.role === 'admin')).toHaveLength(1);
  });

  it('[faults 27] get no session from a password that changes while it is checked', async () => {
    const { id } = (await add('maria')).body;
    const [login] = await Promise.all([host.login('maria', PASSWORD), change(id, { password: ADMIN_PASSWORD })]);
    expect((await me({ cookie: login.cookie ?? '' })).status).toBe(401);
  });

  it('[faults 30] are neither let in nor refused while the database is gone', async () => {
    await host.database.dataSource.destroy();
    await host.app.get(DataSource).destroy();
    host.clock.advance(1_000);
    expect(await me(admin)).toMatchObject({ status: 503, body: { code: 'storage_unavailable' } });
    expect(await host.login()).toMatchObject({ status: 503, body: { code: 'storage_unavailable' } });
  });
});
