import { Controller, Delete, Get, Patch, Post, Put } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { AllowPendingPassword, Public, Roles } from './access-metadata';
import { AccessApp, type Answer } from './testing/access-app';
import { undeclaredHandlers } from './testing/undeclared-handlers';

@Controller('probe')
class ProbeController {
  @Get()
  read() {
    return {};
  }
  @Post()
  write() {
    return {};
  }
  @Put()
  replace() {
    return {};
  }
  @Patch()
  change() {
    return {};
  }
  @Delete()
  remove() {
    return {};
  }
  @Get('admin')
  @Roles('admin')
  readAsAdmin() {
    return {};
  }
  @Post('anybody')
  @Roles('admin', 'viewer')
  writeAsAnybody() {
    return {};
  }
  @Get('public')
  @Public()
  readInPublic() {
    return {};
  }
  @Post('public')
  @Public()
  writeInPublic() {
    return {};
  }
  @Get('pending')
  @AllowPendingPassword()
  readWhilePending() {
    return {};
  }
}

@Module({ imports: [DiscoveryModule] })
class Discovery {}

const PASSWORD = 'a good long password';
type Who =
  'nobody' | 'viewer' | 'admin' | 'viewer token' | 'admin token' | 'expired token' | 'revoked token' | 'pending';

describe('the guard', () => {
  let host: AccessApp;
  const callers = new Map<Who, Record<string, string>>();

  beforeAll(async () => {
    host = await AccessApp.start({}, [ProbeController], [Discovery]);
    const admin = await host.session();
    const as = (json: unknown, path: string) => host.call('POST', path, { headers: admin, json });
    const token = async (role: string, expires_at: string | null = null): Promise<[Answer, Record<string, string>]> => {
      const answer = await as({ name: 'probe', role, expires_at }, '/api/auth/tokens');
      return [answer, { authorization: `Bearer ${String(answer.body['token'])}` }];
    };
    await as({ username: 'viewer', password: PASSWORD, role: 'viewer' }, '/api/users');
    await as({ username: 'pending', password: PASSWORD, role: 'admin', must_change_password: true }, '/api/users');
    callers.set('nobody', {});
    callers.set('admin token', (await token('admin'))[1]);
    callers.set('viewer token', (await token('viewer'))[1]);
    callers.set('expired token', (await token('admin', '2026-11-21T02:08:14Z'))[1]);
    const [answer, revoked] = await token('admin');
    callers.set('revoked token', revoked);
    expect((await host.call('GET', '/probe', { headers: revoked })).status).toBe(200);
    await host.call('DELETE', `/api/auth/tokens/${String(answer.body['id'])}`, { headers: admin });
    host.clock.advance(1_000);
    callers.set('admin', admin);
    callers.set('viewer', await host.session('viewer', PASSWORD));
    callers.set('pending', await host.session('pending', PASSWORD));
  });
  afterAll(async () => {
    await host.stop();
  });

  const ALL_ROLES = { viewer: 200, admin: 200, 'viewer token': 200, 'admin token': 200 } as const;
  const ADMINS = { viewer: 403, admin: 200, 'viewer token': 403, 'admin token': 200 } as const;
  const CLOSED = { nobody: 401, 'expired token': 401, 'revoked token': 401 } as const;
  const TABLE: readonly (readonly [string, string, Record<Who, number>])[] = [
    ['GET', '/probe', { ...ALL_ROLES, ...CLOSED, pending: 403 }],
    ['HEAD', '/probe', { ...ALL_ROLES, ...CLOSED, pending: 403 }],
    ['POST', '/probe', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['PUT', '/probe', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['PATCH', '/probe', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['DELETE', '/probe', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['GET', '/probe/admin', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['POST', '/probe/anybody', { ...ALL_ROLES, ...CLOSED, pending: 403 }],
    ['GET', '/probe/pending', { ...ALL_ROLES, ...CLOSED, pending: 200 }],
    ['GET', '/api/users', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['GET', '/api/auth/tokens', { ...ADMINS, ...CLOSED, pending: 403 }],
    ['GET', '/api/auth/me', { ...ALL_ROLES, ...CLOSED, pending: 200 }],
    [
      'GET',
      '/probe/public',
      {
        ...{ nobody: 200, viewer: 200, admin: 200, 'viewer token': 200, 'admin token': 200 },
        ...{ 'expired token': 200, 'revoked token': 200, pending: 200 },
      },
    ],
  ];
  const rows = TABLE.flatMap(([method, path, expected]) =>
    (Object.entries(expected) as [Who, number][]).map(([who, status]) => [method, path, who, status] as const),
  );

  it.each(rows)('[faults 28] %s %s by %s: %i', async (method, path, who, status) => {
    const answer = await host.call(method, path, { headers: callers.get(who) ?? {} });
    // Nest answers a POST that succeeds with 201
    expect(answer.status === 201 ? 200 : answer.status).toBe(status);
  });

  it('[API-6] says what is missing', async () => {
    expect(await host.call('GET', '/probe')).toMatchObject({
      headers: { 'www-authenticate': 'Bearer realm="toru"', 'content-type': expect.stringContaining('problem+json') },
      body: { code: 'unauthenticated' },
    });
    expect(await host.call('POST', '/probe', { headers: callers.get('viewer') ?? {} })).toMatchObject({
      body: { code: 'forbidden' },
    });
  });

  const EVIL = { origin: 'https://evil.example' };

  it.each([
    ['POST', '/probe'],
    ['DELETE', '/probe'],
    ['POST', '/api/auth/logout'],
    ['POST', '/api/auth/password'],
    ['POST', '/api/users'],
  ])('[faults 27] %s %s with the cookie from another site is refused', async (method, path) => {
    const answer = await host.call(method, path, { headers: { ...callers.get('admin'), ...EVIL }, json: {} });
    expect(answer).toMatchObject({ status: 403, body: { code: 'csrf_refused' } });
  });

  it('[faults 27] sign-in from another site is refused', async () => {
    expect(await host.login('viewer', PASSWORD, { headers: EVIL })).toMatchObject({
      status: 403,
      body: { code: 'csrf_refused' },
      cookie: undefined,
    });
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x'], ['']])(
    '[faults 27] a body of type "%s" is refused, from our own page as well',
    async (type) => {
      const headers = { ...callers.get('admin'), 'sec-fetch-site': 'same-origin', 'content-type': type };
      const call = { headers, text: '{"username":"mallory","password":"a good long password","role":"admin"}' };
      expect(await host.call('POST', '/api/users', call)).toMatchObject({
        status: 415,
        body: { code: 'unsupported_body' },
      });
    },
  );

  it('finds the handlers that say nothing about who may change things', () => {
    expect(undeclaredHandlers(host.app).sort()).toEqual([
      'ProbeController.change',
      'ProbeController.remove',
      'ProbeController.replace',
      'ProbeController.write',
    ]);
  });
});
