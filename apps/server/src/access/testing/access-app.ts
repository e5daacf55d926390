import { request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Clock, CommonModule, createValidationPipe, ProblemDetailsFilter } from '../../common';
import { ConfigModule, type Configuration } from '../../config';
import { openTestDatabase, type TestDatabase } from '../../database/testing';
import { AccessModule } from '../access.module';
import { PasswordHasher } from '../password-hasher';
import { ManualClock } from './manual-clock';
import { QuickPasswordHasher } from './quick-password-hasher';

export const ADMIN_PASSWORD = 'correct horse battery';

/** What came back. `body` is parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
  /** The session cookie that was set, as a `Cookie` header. */
  readonly cookie: string | undefined;
}

export interface Call {
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly text?: string;
  /** A loopback address to come from. */
  readonly from?: string;
}

/** Access control behind a real HTTP server, on an empty database of its own. */
export class AccessApp {
  private constructor(
    readonly app: INestApplication,
    readonly clock: ManualClock,
    readonly database: TestDatabase,
  ) {}

  static async start(
    settings: Partial<Configuration> = {},
    controllers: Type[] = [],
    modules: Type[] = [],
    hasher: PasswordHasher = new QuickPasswordHasher(),
  ): Promise<AccessApp> {
    return AccessApp.on(await openTestDatabase(), new ManualClock(), settings, controllers, modules, hasher);
  }

  /** Another host on a database that is there already. */
  static async on(
    database: TestDatabase,
    clock: ManualClock,
    settings: Partial<Configuration> = {},
    controllers: Type[] = [],
    modules: Type[] = [],
    hasher: PasswordHasher = new QuickPasswordHasher(),
  ): Promise<AccessApp> {
    const configuration = {
      ...database.settings,
      adminUsername: 'admin',
      adminPassword: ADMIN_PASSWORD,
      publicUrl: undefined,
      trustedProxies: '',
      ...settings,
    } as Configuration;
    const module = await Test.createTestingModule({
      imports: [CommonModule, ConfigModule.with(configuration), AccessModule, ...modules],
      controllers,
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(PasswordHasher)
      .useValue(hasher)
      .compile();
    const app = module.createNestApplication({ logger: false });
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(new ProblemDetailsFilter());
    await app.listen(0, '127.0.0.1');
    return new AccessApp(app, clock, database);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.close();
  }

  async call(
    method: string,
    path: string,
    { headers = {}, json, text, from = '127.0.0.1' }: Call = {},
  ): Promise<Answer> {
    const { port } = (this.app.getHttpServer() as Server).address() as AddressInfo;
    const payload = json === undefined ? text : JSON.stringify(json);
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        ...{ host: '127.0.0.1', port, method, path, localAddress: from, agent: false },
        headers: {
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
          'x-requested-with': 'test',
          ...headers,
        },
      });
      request.on('error', reject).on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>),
            cookie: response.headers['set-cookie']?.[0]?.split(';', 1)[0],
          });
        });
      });
      request.end(payload);
    });
  }

  async login(username = 'admin', password = ADMIN_PASSWORD, call: Call = {}): Promise<Answer> {
    return this.call('POST', '/api/auth/login', { ...call, json: { username, password } });
  }

  /** The `cookie` header of a new session. */
  async session(username = 'admin', password = ADMIN_PASSWORD): Promise<{ cookie: string }> {
    const answer = await this.login(username, password);
    if (answer.cookie === undefined) throw new Error(`no session: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { cookie: answer.cookie };
  }
}
