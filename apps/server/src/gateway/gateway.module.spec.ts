import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { Controller, Get, Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { LoggerModule } from 'nestjs-pino';
import { AccessModule, AccessPolicy, ANY_CALLER, AuthenticationService, type Requirement } from '../access';
import { AppError, CommonModule, ProblemDetailsFilter } from '../common';
import { Configuration } from '../config';
import { GatewayModule, RouteTable } from './index';
import { FakePlugin, FakeRoutes } from './testing/gateway-fixture';

/** Admits whoever names itself in `Authorization`. */
const policy = {
  admit: (method: string, headers: { authorization?: string }, requirement: Requirement) => {
    expect(requirement).toBe(ANY_CALLER);
    if (headers.authorization === undefined) return Promise.reject(new AppError('unauthenticated', 'Sign in.'));
    return Promise.resolve({ id: 'u1', name: `${headers.authorization} ${method}`, role: 'viewer' });
  },
};

@Module({
  providers: [
    { provide: AccessPolicy, useValue: policy },
    { provide: AuthenticationService, useValue: { onChange: () => undefined } },
  ],
  exports: [AccessPolicy, AuthenticationService],
})
class OpenAccessModule {}

const settings = { maxBodyBytes: 8, requestTimeoutMs: 1234, publicUrl: 'https://toru.example', trustedProxies: '' };

@Global()
@Module({ providers: [{ provide: Configuration, useValue: settings }], exports: [Configuration] })
class SettingsModule {}

@Controller('api/plugins')
class ManagementController {
  @Get(':id/logs')
  logs(): string {
    return 'logs of the host';
  }
}

describe('GatewayModule', () => {
  const acme = new FakePlugin('acme');
  let app: INestApplication<Server>;
  let url: string;

  beforeAll(async () => {
    const routes = { provide: RouteTable, useValue: new FakeRoutes([acme]) };
    const module = await Test.createTestingModule({
      imports: [
        LoggerModule.forRoot({ pinoHttp: { level: 'silent' } }),
        CommonModule,
        SettingsModule,
        GatewayModule.register(routes),
      ],
      controllers: [ManagementController],
    })
      .overrideModule(AccessModule)
      .useModule(OpenAccessModule)
      .compile();
    app = module.createNestApplication();
    app.useGlobalFilters(new ProblemDetailsFilter());
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(() => app.close());

  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, { ...init, headers: { authorization: 'ada' } });

  it('[RTE-1] [RTE-5] takes plugin requests off before the router, by the policy and settings of the host', async () => {
    const answer = await get('/plugins/acme/x');
    expect(answer.status).toBe(200);
    expect(acme.received[0]?.options.deadlineMs).toBe(1234);
    expect(acme.headers).toMatchObject({
      'x-toru-user': 'ada%20GET',
      'x-forwarded-host': 'toru.example',
      'x-forwarded-proto': 'https',
    });
    expect((await fetch(`${url}/plugins/acme/x`)).status).toBe(401);
    expect((await get('/plugins/acme/x', { method: 'POST', body: '123456789' })).status).toBe(413);
  });

  it("[RTE-3] leaves the host's own endpoints to the router", async () => {
    expect(await (await get('/api/plugins/acme/logs')).text()).toBe('logs of the host');
  });

  it.each(['/Plugins/acme/x', '/PLUGINS/acme', '/API/plugins/route/acme/x'])(
    '[RTE-4] %s, which the router would take for another spelling, reaches no plugin',
    async (path) => {
      const before = acme.received.length;
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'route_not_found' });
      expect(acme.received).toHaveLength(before);
    },
  );
});
