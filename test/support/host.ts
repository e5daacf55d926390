import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LifecycleAnswer, PluginDetails, PluginState } from '@toru/contracts';
import { writeFixture, type Fixture } from '../fixtures/write-fixture';
import { createTestDatabase, type TestDatabase } from './database';
import { createDirectories, removeDirectories, type HostDirectories } from './directories';
import { HostProcess, type HostExit } from './host-process';
import { processesWith } from './processes-with';
import { waitFor } from './wait-for';

export const ADMIN = { username: 'admin', password: 'correct horse battery' } as const;

/** A fixture, by its id; `enabled: false` leaves it out of the recorded state. */
export type PluginOptions = Omit<Fixture, 'id'> & { readonly enabled?: boolean };

export interface HostOptions {
  readonly plugins?: Readonly<Record<string, PluginOptions>>;
  /** Puts the built examples there as well, enabled. */
  readonly examples?: boolean;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Puts what the first start shall find into the directories; what it writes there stands over what is written above. */
  readonly prepare?: (directories: HostDirectories) => void;
  /** Further arguments of Node, such as those of a profile. */
  readonly nodeArguments?: readonly string[];
  /** Headers of every request to it. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiInit extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks: the admin's session unless given; a token; or nobody. */
  readonly as?: 'admin' | 'nobody' | { readonly token: string };
  /** Sent as a JSON body. */
  readonly json?: unknown;
}

/** Starts a host on directories and a database of its own, and waits until it listens. */
export async function startHost(options: HostOptions = {}): Promise<TestHost> {
  const directories = createDirectories();
  const database = await createTestDatabase();
  const host = new TestHost(directories, database, options.env ?? {}, options.nodeArguments, options.headers);
  const enabled: Record<string, boolean> = {};
  for (const [id, { enabled: isEnabled = true, ...fixture }] of Object.entries(options.plugins ?? {})) {
    writeFixture(directories.plugins, { ...fixture, id });
    enabled[id] = isEnabled;
  }
  if (options.examples === true) for (const id of installExamples(directories.plugins)) enabled[id] = true;
  mkdirSync(path.join(directories.plugins, '.metadata'));
  writeFileSync(path.join(directories.plugins, '.metadata/config.json'), JSON.stringify({ plugins: enabled }));
  try {
    options.prepare?.(directories);
    await host.start();
  } catch (error) {
    await host.dispose();
    throw error;
  }
  return host;
}

/** A host under test. Whoever starts one stops or disposes of it. */
export class TestHost {
  private process: HostProcess | undefined;
  private cookie: string | undefined;
  private address = '';

  constructor(
    readonly directories: HostDirectories,
    private readonly database: TestDatabase,
    private readonly env: Readonly<Record<string, string>>,
    private readonly nodeArguments: readonly string[] = [],
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  get url(): string {
    return this.address;
  }

  /** Undefined: SQLite, in `toru.sqlite` of the data directory. */
  get databaseUrl(): string | undefined {
    return this.database.url;
  }

  get pid(): number {
    return this.running.pid;
  }

  /** Starts it, for the first time or again on what an earlier run has left behind. @param env settings of this run alone */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.process = new HostProcess({ ...this.settings(), ...env }, this.nodeArguments);
    this.cookie = undefined;
    this.address = await this.process.url(this.directories.run);
  }

  private settings(): Record<string, string> {
    const { plugins, data, log, run } = this.directories;
    return {
      TORU_PORT: '0',
      TORU_PLUGINS_DIR: plugins,
      TORU_DATA_DIR: data,
      TORU_LOG_DIR: log,
      TORU_RUN_DIR: run,
      ADMIN_PASSWORD: ADMIN.password,
      // a test says when the directory is read, unless it is about watching
      TORU_WATCH_PLUGINS: 'false',
      // no plugin that is well is judged by it, however busy the machine is
      TORU_METADATA_TIMEOUT_MS: '60000',
      TORU_READY_TIMEOUT_MS: '60000',
      ...(this.database.url === undefined ? {} : { DATABASE_URL: this.database.url }),
      ...this.env,
    };
  }

  /** Asks the host. `path` begins with `/` and is sent as it stands up to what `fetch` normalises. */
  async api(path: string, { as = 'admin', json, headers = {}, ...init }: ApiInit = {}): Promise<Response> {
    const all: Record<string, string> = { ...this.headers, ...headers };
    if (json !== undefined) all['content-type'] = 'application/json';
    if (as === 'admin') Object.assign(all, { cookie: await this.adminCookie(), 'x-requested-with': 'test' });
    else if (as !== 'nobody') all['authorization'] = `Bearer ${as.token}`;
    const body = json === undefined ? init.body : JSON.stringify(json);
    return await fetch(new URL(path, this.address), {
      redirect: 'manual',
      ...init,
      headers: all,
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Asks for JSON; a status outside 200 to 299 is an error that shows the answer. */
  async json<T>(path: string, init?: ApiInit): Promise<T> {
    const response = await this.api(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** The session cookie of the admin, `name=value`. Signs in the first time. */
  async adminCookie(): Promise<string> {
    this.cookie ??= await this.signIn(ADMIN.username, ADMIN.password);
    return this.cookie;
  }

  async signIn(username: string, password: string): Promise<string> {
    const response = await this.api('/api/auth/login', {
      method: 'POST',
      as: 'nobody',
      json: { username, password },
    });
    const [pair] = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    if (pair === undefined) throw new Error(`Sign-in answered ${response.status}: ${await response.text()}`);
    return pair;
  }

  plugin(id: string): Promise<PluginDetails> {
    return this.json<PluginDetails>(`/api/plugins/${id}`);
  }

  enable(id: string): Promise<LifecycleAnswer> {
    return this.json<LifecycleAnswer>(`/api/plugins/${id}/enable`, { method: 'POST' });
  }

  disable(id: string): Promise<LifecycleAnswer> {
    return this.json<LifecycleAnswer>(`/api/plugins/${id}/disable`, { method: 'POST' });
  }

  /** Waits until a plugin is in a state, and resolves with its details. */
  untilPlugin(id: string, ...states: readonly PluginState[]): Promise<PluginDetails> {
    return this.waitFor(`${id} to be ${states.join(' or ')}`, async () => {
      const details = await this.plugin(id);
      if (states.includes(details.status)) return details;
      throw new Error(`${id} is ${details.status} (${details.reason ?? 'no reason'})`);
    });
  }

  /** Polls with a deadline; on failure the error shows the end of what the host printed. */
  waitFor<T>(what: string, predicate: () => T | Promise<T>, deadlineMs?: number): ReturnType<typeof waitFor<T>> {
    const context = (): string => `The host's last lines:\n${this.process?.tail() ?? ''}`;
    return waitFor(what, predicate, { context, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
  }

  /** Everything that this run of the host has printed so far. */
  printed(): string {
    return this.process?.printed() ?? '';
  }

  /** SIGTERM. Resolves when it has ended with status 0, and throws with its last lines otherwise. */
  async stop(): Promise<void> {
    const exit = await this.end('SIGTERM');
    if (exit.code !== 0) {
      throw new Error(`The host ended with ${JSON.stringify(exit)}:\n${this.process?.tail() ?? ''}`);
    }
  }

  /** SIGKILL, as a crash of the host. Its plugins may live on; the next start ends them. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops it and starts it again on the same directories and database. @param env settings of that run alone */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop();
    await this.start(env);
  }

  /** Stops it if it still runs, and removes its directories and database. For `afterEach` and `afterAll`. */
  async dispose(): Promise<void> {
    try {
      if (this.process?.isRunning === true) await this.stop();
    } finally {
      if (this.process?.isRunning === true) await this.kill();
      await waitFor('what is left of its plugins to end', () => {
        const left = this.livingPlugins();
        for (const pid of left) endLeftover(pid);
        return left.length === 0;
      });
      removeDirectories(this.directories);
      await this.database.drop();
    }
  }

  /** The processes that this host, or an earlier one on these directories, started as plugins and that still live. */
  livingPlugins(): readonly number[] {
    return processesWith(`TORU_PLUGIN_SOCKET=${this.directories.run}/`);
  }

  /** Those of one plugin. */
  livingPluginsOf(id: string): readonly number[] {
    return processesWith(`TORU_PLUGIN_SOCKET=${this.directories.run}/${id.slice(0, 16)}-`);
  }

  private async end(signal: NodeJS.Signals): Promise<HostExit> {
    const { running } = this;
    running.signal(signal);
    await this.waitFor(`the host to end after ${signal}`, () => !running.isRunning);
    return await running.exited;
  }

  private get running(): HostProcess {
    if (this.process === undefined) throw new Error('The host has not been started.');
    return this.process;
  }
}

function endLeftover(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** Adds a fixture to the plugins directory of a host that may already run. Returns the path of its file. */
export function installPlugin(host: TestHost, fixture: Fixture, { as }: { as?: string } = {}): string {
  return writeFixture(host.directories.plugins, fixture, as);
}

function installExamples(directory: string): readonly string[] {
  const ids = ['hello-node', 'hello-python'];
  for (const id of ids) {
    const target = path.join(directory, `${id}.binary`);
    copyFileSync(path.resolve(import.meta.dirname, `../../dist/examples/${id}.binary`), target);
    chmodSync(target, 0o755);
  }
  return ids;
}
