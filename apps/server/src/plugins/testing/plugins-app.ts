import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import type { HttpRequestV1, HttpResponseV1, KvRequestV1, LicenseOutcome, PluginBudget, SettingsOutcome } from '@toru/contracts';
import { AuthenticationService, type Principal } from '../../access';
import { AppError, CommonModule, createValidationPipe, ProblemDetailsFilter } from '../../common';
import { ConfigModule, type Configuration } from '../../config';
import { Catalogue } from '../catalogue';
import type { CatalogueEntry, ValidEntry } from '../catalogue-entry';
import { EnabledState } from '../enabled-state.port';
import { PluginRuntime, type ListedVersion, type RuntimeStatus } from '../plugin-runtime.port';
import { PluginsModule } from '../plugins.module';
import { PluginFiles } from './plugin-files';

/** Runs nothing: an enabled plugin is `running`, and its answers are what a test sets. */
export class FakeRuntime extends PluginRuntime {
  answer: ((request: HttpRequestV1) => HttpResponseV1 | Promise<HttpResponseV1>) | undefined;
  enabledState: EnabledState | undefined;
  failure: AppError | undefined;

  override status(id: string): RuntimeStatus {
    const running = this.enabledState?.isEnabled(id) === true;
    return {
      ...{ state: running ? 'running' : 'disabled', reason: null, refusal: null, pid: running ? 42 : null, restarts: 0 },
      ...{ startedAt: running ? Date.now() : null, consecutiveCrashes: 0, nextRetryAt: null, version: null, digest: null, quarantined: [] },
    };
  }

  override async enable({ id }: ValidEntry): Promise<'enabled' | 'already_enabled'> {
    if (this.failure !== undefined) throw this.failure;
    const before = this.enabledState?.isEnabled(id) === true;
    await this.enabledState?.set(id, true);
    return before ? 'already_enabled' : 'enabled';
  }

  override async disable({ id }: CatalogueEntry): Promise<'disabled' | 'already_disabled'> {
    const before = this.enabledState?.isEnabled(id) === true;
    await this.enabledState?.set(id, false);
    return before ? 'disabled' : 'already_disabled';
  }

  override restart({ id }: ValidEntry): Promise<void> {
    if (this.enabledState?.isEnabled(id) === true) return Promise.resolve();
    return Promise.reject(new AppError('conflict', 'It is not enabled.', { plugin: id }));
  }

  override reset(): Promise<void> {
    return Promise.resolve();
  }

  override async request(id: string, request: HttpRequestV1): Promise<HttpResponseV1> {
    if (this.answer === undefined) throw new AppError('plugin_unavailable', 'It is not running.', { plugin: id });
    return this.answer(request);
  }

  override budgets(): readonly PluginBudget[] {
    return [{ resource: 'memory_bytes', limit: 5, declared: 5, host: null, enforced_by: null }];
  }

  override versions(): readonly ListedVersion[] {
    return [];
  }

  override chooseVersion(entry: ValidEntry): Promise<ValidEntry> {
    return Promise.resolve(entry);
  }

  override applySettings(id: string): SettingsOutcome {
    return this.enabledState?.isEnabled(id) === true ? 'live' : 'next_start';
  }

  override licenceChanged(id: string): LicenseOutcome {
    return this.enabledState?.isEnabled(id) === true ? 'restart_required' : 'next_start';
  }

  /** Keeps nothing: it answers what it was asked. */
  override kv(_id: string, request: KvRequestV1): Promise<string | null> {
    return Promise.resolve(JSON.stringify(request));
  }
}

/** The plugins module behind a real HTTP server, with files, database and logs of its own; callers are told by name. */
export class PluginsApp {
  private constructor(
    readonly directory: string,
    readonly files: PluginFiles,
    readonly runtime: FakeRuntime,
    private readonly app: INestApplication,
  ) {}

  static async start(): Promise<PluginsApp> {
    const directory = await mkdtemp(join(tmpdir(), 'toru-rest-'));
    const runtime = new FakeRuntime();
    const configuration = {
      pluginsDir: join(directory, 'plugins'),
      dataDir: directory,
      logDir: join(directory, 'logs'),
      databaseUrl: undefined,
      adminUsername: 'admin',
      adminPassword: 'correct horse battery',
      enableNewPlugins: false,
      trustedProxies: '',
      logMaxBytes: 1024 * 1024,
      logFiles: 2,
      // what is asked here is not how long it takes, on a busy machine too
      metadataTimeoutMs: 100_000,
    } as Configuration;

    @Global()
    @Module({ providers: [{ provide: PluginRuntime, useValue: runtime }], exports: [PluginRuntime] })
    class RuntimeModule {}

    const module = await Test.createTestingModule({
      imports: [CommonModule, ConfigModule.with(configuration), RuntimeModule, PluginsModule],
    })
      .overrideProvider(AuthenticationService)
      .useValue({
        authenticate: (headers: { authorization?: string }) => Promise.resolve(principalOf(headers)),
        onChange: () => undefined,
      })
      .compile();
    const app = module.createNestApplication({ logger: false });
    // a connection between two requests is the client's to close: it would not know of one that is being closed here
    (app.getHttpServer() as Server).keepAliveTimeout = 0;
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(new ProblemDetailsFilter());
    runtime.enabledState = app.get(EnabledState);
    await app.listen(0, '127.0.0.1');
    const files = new PluginFiles(configuration.pluginsDir, join(directory, 'runs'));
    return new PluginsApp(directory, files, runtime, app);
  }

  /** @param caller `admin`, `viewer` or nobody */
  async call(caller: string, method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (caller !== '') headers.set('authorization', `Bearer ${caller}`);
    if (init.body !== undefined) headers.set('content-type', 'application/json');
    return fetch(`${await this.app.getUrl()}${path}`, { ...init, method, headers });
  }

  async scan(): Promise<void> {
    await this.app.get(Catalogue).scan();
  }

  /** Records it without the runtime. */
  async setEnabled(id: string, enabled = true): Promise<void> {
    await this.app.get(EnabledState).set(id, enabled);
  }

  openApi(): OpenAPIObject {
    return SwaggerModule.createDocument(this.app, new DocumentBuilder().build());
  }

  async stop(): Promise<void> {
    await this.app.close();
    // on a slow disk the host does not wait for its last lines: they may still be written
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function principalOf({ authorization }: { authorization?: string }): Principal | undefined {
  const role = authorization?.slice('Bearer '.length);
  if (role !== 'admin' && role !== 'viewer') return undefined;
  return { id: '1', name: role, role, kind: 'token', mustChangePassword: false, credentialId: '1' };
}
