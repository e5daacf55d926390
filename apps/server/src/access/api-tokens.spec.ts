import { AccessApp } from './testing/access-app';

describe('API tokens', () => {
  let host: AccessApp;
  let admin: { cookie: string };

  beforeEach(async () => {
    host = await AccessApp.start();
    admin = await host.session();
  });
  afterEach(async () => {
    await host.stop();
  });

  const create = (json: object, headers: Record<string, string> = admin) =>
    host.call('POST', '/api/auth/tokens', { headers, json: { name: 'backup', role: 'viewer', ...json } });
  const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });
  const me = (headers: Record<string, string>) => host.call('GET', '/api/auth/me', { headers });

  it('are shown once and stored as a hash', async () => {
    const created = await create({ expires_at: '2026-11-22T04:08:13+02:00' });
    expect(created.status).toBe(201);
    const { token, ...rest } = created.body;
    expect(token).toMatch(/^tsc_[A-Za-z0-9_-]{43}$/);
    expect(rest).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'backup', role: 'viewer', created_by: 'admin' },
      ...{ created_at: '2026-11-21T02:08:13.123Z', expires_at: '2026-11-22T02:08:13.000Z', last_used_at: null },
    });
    expect((await host.call('GET', '/api/auth/tokens', { headers: admin })).body).toEqual({ items: [rest] });
    const dump = JSON.stringify(await host.database.dataSource.query('SELECT * FROM api_tokens'));
    expect(dump).not.toContain(String(token).slice(4));
    expect((await me(bearer(token))).body).toMatchObject({ name: 'token:backup', role: 'viewer', kind: 'token' });
  });

  it('are refused from the second of their expiry on', async () => {
    const { token } = (await create({ expires_at: '2026-11-21T02:09:13.123Z' })).body;
    host.clock.advance(59_999);
    expect((await me(bearer(token))).status).toBe(200);
    host.clock.advance(1_000);
    expect((await me(bearer(token))).status).toBe(401);
  });

  it('are refused at once when they are revoked', async () => {
    const { token, id } = (await create({})).body;
    expect((await me(bearer(token))).status).toBe(200);
    const revoke = () => host.call('DELETE', `/api/auth/tokens/${String(id)}`, { headers: admin });
    expect((await revoke()).status).toBe(204);
    expect((await me(bearer(token))).status).toBe(401);
    expect(await revoke()).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('tell when they were last used, to a minute', async () => {
    const { token } = (await create({})).body;
    await me(bearer(token));
    host.clock.advance(30_000);
    await me(bearer(token));
    const list = await host.call('GET', '/api/auth/tokens', { headers: admin });
    expect(list.body).toMatchObject({ items: [{ last_used_at: '2026-11-21T02:08:13.123Z' }] });
  });

  it('have no session and no password, whatever their role', async () => {
    const headers = bearer((await create({ role: 'admin' })).body['token']);
    const json = { current_password: 'correct horse battery', new_password: 'another long password' };
    expect((await host.call('POST', '/api/auth/password', { headers, json })).status).toBe(403);
    expect((await host.call('POST', '/api/auth/logout', { headers })).status).toBe(403);
  });

  it('make other tokens only with the role admin', async () => {
    const robot = bearer((await create({ role: 'admin' })).body['token']);
    expect((await create({}, robot)).body).toMatchObject({ created_by: 'token:backup' });
    const viewer = bearer((await create({ role: 'viewer' })).body['token']);
    expect(await create({}, viewer)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('are not stopped by the origin of the request, which no browser adds them to by itself', async () => {
    const robot = bearer((await create({ role: 'admin' })).body['token']);
    expect((await create({}, { ...robot, origin: 'https://elsewhere.example' })).status).toBe(201);
  });

  it('[faults 27] are not replaced by the session beside them when they are wrong', async () => {
    expect((await me({ ...admin, ...bearer(`tsc_${'x'.repeat(43)}`) })).status).toBe(401);
    expect((await me({ ...admin, ...bearer('tsc_') })).status).toBe(401);
  });

  it.each([
    [{ name: '' }],
    [{ name: 'x\r\nset-cookie: y' }],
    [{ name: 'x'.repeat(65) }],
    [{ role: 'owner' }],
    [{ expires_at: '2026-11-21T02:08:13.123Z' }],
    [{ expires_at: '2027-02-30T00:00:00Z' }],
    [{ expires_at: '2027-01-01' }],
    [{ expires_at: 'tomorrow' }],
    [{ expires_at: 1_900_000_000 }],
    [{ token: 'tsc_chosen' }],
  ])('[API-6] are not made with %j', async (json) => {
    expect(await create(json)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});
