import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { json } from 'node:stream/consumers';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import { startHost, type TestHost } from '../support/host';
import { isAlive, parentOf, programsOf, spawnerOf } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';
import { eventsOf, supervisorLines, untilSupervisorLines } from '../support/supervisor-log';

const ENABLED = ['neighbour', 'hello-node', 'hello-python'];
const BRIEF = ['brief-1', 'brief-2', 'brief-3', 'brief-4'];
const RESTARTS_OF_EACH = 50;
/** Each of them is two processes. */
const RESTARTS_TIMEOUT_MS = 150_000;
const CLIENTS = 64;

/** Its child starts a grandchild in a session of its own and ends: nobody's parent leads to the grandchild any more. */
const FORKS_TWICE = `
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: hang()
    os._exit(0)
os.wait()
serve()`;

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Faults 11 and 12: what is left of very many ends, of those that do not answer, and of families that hide. */
describe('a host whose plugins end very often, or do not end', () => {
  let host: TestHost;
  let before: { readonly descriptors: number; readonly spawner: number };
  const spawnerDescriptors = (): number => descriptorsOf(spawnerOf(host.pid) ?? 0);

  beforeAll(async () => {
    host = await startHost({
      plugins: { neighbour: {} },
      examples: true,
      env: {
        ...{ TORU_BACKOFF_BASE_MS: '1', TORU_BACKOFF_MAX_MS: '1', TORU_BACKOFF_JITTER_PERCENT: '0' },
        ...{ TORU_MAX_CRASHES: '1000', TORU_CRASH_WINDOW_LIMIT: '0', TORU_CRASHES_KEPT: '1' },
        ...{ TORU_HEALTH_INTERVAL_MS: '100', TORU_UNHEALTHY_AFTER_CHECKS: '1', TORU_RESTART_AFTER_CHECKS: '2' },
        ...{ TORU_SHUTDOWN_GRACE_MS: '200', TORU_KILL_DELAY_MS: '200' },
        // only what is stopped misses two of these in a row, however busy the machine is; it takes no longer than the rest
        TORU_PING_TIMEOUT_MS: '8000',
      },
      // a connection that waits for its next request would be among what the host holds
      headers: { connection: 'close' },
    });
    const { plugins } = host.directories;
    for (const id of BRIEF) writeTinyPlugin(plugins, { id, does: 'os._exit(1)' });
    writeTinyPlugin(plugins, { id: 'hidden', does: FORKS_TWICE });
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await Promise.all(ENABLED.map((id) => host.untilPlugin(id, 'running')));
    before = { descriptors: descriptorsOf(host.pid), spawner: spawnerDescriptors() };
  });
  afterAll(() => host.dispose());

  it('faults 11: [SUP-6] [LIF-2] a grandchild without parents in its own session does not survive a disable', async () => {
    const { plugin } = await host.enable('hidden');
    const hidden = await host.waitFor('the grandchild', () =>
      host.livingPluginsOf('hidden').find((pid) => pid !== plugin.pid && parentOf(pid) !== plugin.pid),
    );
    expect([host.pid, spawnerOf(host.pid)]).not.toContain(parentOf(hidden));

    await host.disable('hidden');
    expect(host.livingPluginsOf('hidden')).toEqual([]);
    // it has no memory any more when it is not found any more, and ends a moment later
    await host.waitFor('the end of the grandchild', () => !isAlive(hidden));
  });

  it('faults 11: [SUP-5] [ISO-2] one of version 2 that is stopped gets unhealthy, and is restarted by itself', async () => {
    for (const id of BRIEF) {
      expect((await host.api(`/api/plugins/${id}/enable`, { method: 'POST' })).status).toBe(502);
    }
    const { pid, protocol } = await host.plugin('hello-node');
    expect(protocol).toBe(2);
    await servesDuring(host, 'neighbour', async () => {
      process.kill(pid ?? 0, 'SIGSTOP');
      const unhealthy = await host.untilPlugin('hello-node', 'unhealthy');
      expect(unhealthy).toMatchObject({ pid, reason: 'it does not answer its health checks' });
      const after = await host.waitFor('another process', async () => {
        const details = await host.plugin('hello-node');
        return details.status === 'running' && details.pid !== pid && details;
      });
      expect(after).toMatchObject({ reason: null, restarts: 1 });
    });

    expect(isAlive(pid ?? 0)).toBe(false);
    const types = (await eventsOf(host, 'hello-node')).map(({ event_type }) => event_type);
    expect(types).toEqual(['started', 'unhealthy', 'crashed', 'restarted']);
    expect((await host.api('/plugins/hello-node/')).status).toBe(200);
  });

  it(
    'faults 12: [SUP-3] hundreds of restarts leave no zombie and no open descriptor',
    async () => {
      for (const id of BRIEF) {
        const restarted = async (): Promise<boolean> => {
          const { restarts } = await host.plugin(id);
          if (restarts < RESTARTS_OF_EACH) throw new Error(`there were ${restarts}`);
          return true;
        };
        await host.waitFor(`the restarts of ${id}`, restarted, RESTARTS_TIMEOUT_MS);
      }
      await Promise.all(BRIEF.map((id) => host.disable(id)));

      expect(BRIEF.flatMap((id) => host.livingPluginsOf(id))).toEqual([]);
      await host.waitFor('every child to be waited for', () => {
        const programs = programsOf(host.pid);
        return programs.length === ENABLED.length && programs.every(isAlive);
      });
      await host.waitFor('the descriptors to be given back', () => descriptorsOf(host.pid) <= before.descriptors);
      await host.waitFor('those of the spawner too', () => spawnerDescriptors() <= before.spawner);
      expect(await host.json('/plugins/neighbour/echo')).toBeDefined();
    },
    2 * RESTARTS_TIMEOUT_MS,
  );
});

/** Faults 15: the system gives the host no more descriptors. */
describe('a host that has no descriptors left', () => {
  let host: TestHost;
  const clients: net.Socket[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    host = await startHost({
      plugins: { neighbour: {}, late: {} },
      env: {
        ...{ TORU_HEALTH_INTERVAL_MS: '50', TORU_UNHEALTHY_AFTER_CHECKS: '1', TORU_RESTART_AFTER_CHECKS: '2' },
        ...{ TORU_BACKOFF_BASE_MS: '1000', TORU_BACKOFF_MAX_MS: '1000', TORU_MAX_CRASHES: '2' },
      },
    });
    await Promise.all(['neighbour', 'late'].map((id) => host.untilPlugin(id, 'running')));
  });
  afterAll(async () => {
    agent.destroy();
    for (const client of clients) client.destroy();
    await host.dispose();
  });

  /** On the one connection that is open already. */
  async function ask(path: string): Promise<{ status: number | undefined; body: unknown }> {
    const headers = { cookie: await host.adminCookie(), 'x-requested-with': 'test' };
    const request = http.get(new URL(path, host.url), { agent, headers });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return { status: response.statusCode, body: await json(response) };
  }

  it('faults 15: refuses further connections and says what is missing, and serves when some are closed', async () => {
    const { pid } = host;
    const plugin = await host.plugin('neighbour');
    const late = await host.plugin('late');
    expect(await ask('/plugins/neighbour/echo')).toMatchObject({ status: 200 });
    // a few of those that are open have numbers beyond the limit: there is room for some more than eight
    const few = descriptorsOf(pid) + 8;
    const limitTo = (count: number): unknown =>
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${String(count)}:`]);
    limitTo(few);
    let refused = 0;
    const arrived = Array.from({ length: CLIENTS }, async () => {
      const client = net.connect({ host: '127.0.0.1', port: Number(new URL(host.url).port) });
      client.on('error', () => undefined).once('close', () => (refused += 1));
      clients.push(client);
      await new Promise((resolve) => client.once('connect', resolve).once('close', resolve));
    });
    await host.waitFor('those that are too many to be refused', () => refused >= CLIENTS / 2);
    expect(refused).toBeLessThan(CLIENTS);
    await Promise.all(arrived);
    // behind all of them: with the first answer it has seen, with the second it has dealt with whoever was there
    for (let n = 0; n < 2; n++) expect(await ask('/health/live')).toMatchObject({ status: 200 });

    // fewer than it has open: whatever ends meanwhile, none is free for anything new
    limitTo(3);
    expect(await ask('/plugins/neighbour/echo')).toMatchObject({
      status: 503,
      body: { code: 'plugin_busy', plugin: 'neighbour', detail: expect.stringContaining('EMFILE') as string },
    });
    // health checks come meanwhile, and what the host lacks is not held against the plugin
    for (let n = 0; n < 100; n++) expect(await ask('/health/live')).toMatchObject({ status: 200 });
    expect(supervisorLines(host, 'late').map(({ action }) => action)).not.toContain('unhealthy');
    // two crashes would disable it: what the host lacks is none
    process.kill(late.pid ?? 0, 'SIGKILL');
    await untilSupervisorLines(host, 'late', 'crash');
    const lines = await untilSupervisorLines(host, 'late', 'postponed', 2);
    expect(lines.findLast(({ action }) => action === 'postponed')?.message).toMatch(
      /^the host cannot start it: .*EMFILE/,
    );

    limitTo(few);
    for (const client of clients) client.destroy();
    await host.waitFor('the neighbour to serve', async () => (await host.api('/plugins/neighbour/echo')).ok);
    expect(host.pid).toBe(pid);
    expect(await host.plugin('neighbour')).toMatchObject({ status: 'running', pid: plugin.pid });
    expect((await eventsOf(host, 'neighbour')).map(({ event_type }) => event_type)).toEqual(['started']);
    await host.untilPlugin('late', 'running');
    const types = (await eventsOf(host, 'late')).map(({ event_type }) => event_type);
    // a check may come between the end of the process and the news of it
    const withoutCheck = types[1] === 'unhealthy' ? types.toSpliced(1, 1) : types;
    expect(withoutCheck).toEqual(['started', 'crashed', 'start_postponed', 'restarted']);
    expect(host.printed()).not.toMatch(/uncaughtException|unhandledRejection/);
  });
});
