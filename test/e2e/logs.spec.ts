import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry, Page, PluginEvent } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';

const LINES = 240;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('logs', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { talker: {}, quiet: {}, crashing: {} },
      env: {
        ...{ TORU_LOG_MAX_BYTES: '4096', TORU_LOG_FILES: '50' },
        ...{ TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '20', TORU_MAX_CRASHES: '3' },
        // all crashes here are of one route, which is not to be kept from the plugin
        ...{ TORU_QUARANTINE_AFTER_CRASHES: '0', TORU_BACKOFF_JITTER_PERCENT: '0' },
      },
    });
    for (const id of ['talker', 'quiet', 'crashing']) await host.untilPlugin(id, 'running');
  });
  afterAll(() => host.dispose());

  const logs = (query = '', id = 'talker'): Promise<Page<LogEntry>> =>
    host.json<Page<LogEntry>>(`/api/plugins/${id}/logs?${query}`);
  const print = (body: string, stream = 'stdout'): Promise<unknown> =>
    host.json(`/plugins/talker/log/${stream}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
  const untilLogged = (message: string): Promise<LogEntry> =>
    host.waitFor(`"${message}" to be logged`, async () =>
      (await logs('page_size=500')).items.find((item) => item.message === message),
    );
  const filesOf = (name: string): readonly string[] => {
    const directory = path.join(host.directories.log, path.dirname(name));
    return readdirSync(directory)
      .filter((each) => each === path.basename(name) || each.startsWith(`${path.basename(name)}.`))
      .map((each) => path.join(directory, each));
  };
  const storedLines = (name: string): readonly Record<string, unknown>[] =>
    filesOf(name)
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('[OBS-1] what a plugin prints is one JSON object a line, with time, level, plugin and message', async () => {
    await print('plain text on stdout\n');
    await print('plain text on stderr\n', 'stderr');

    expect(await untilLogged('plain text on stdout')).toEqual({
      timestamp: expect.stringMatching(RFC_3339),
      ...{ level: 'info', plugin: 'talker', message: 'plain text on stdout', stream: 'stdout' },
    });
    expect(await untilLogged('plain text on stderr')).toMatchObject({ level: 'warn', stream: 'stderr' });
    const stored = storedLines('plugins/talker.log');
    expect(stored.map(({ message }) => message)).toEqual(expect.arrayContaining(['plain text on stdout']));
  });

  it("[OBS-1] a JSON line of the plugin's own keeps its fields, its error and its level", async () => {
    await print(
      `${JSON.stringify({ level: 'ERROR', msg: 'own line', error: { code: 7 }, order: [1, 2], ok: true })}\n`,
    );

    expect(await untilLogged('own line')).toMatchObject({
      ...{ level: 'error', plugin: 'talker', error: { code: 7 }, order: [1, 2], ok: true },
    });
  });

  it('[API-3] pages join to all lines, newest first, across rotated files', async () => {
    for (let first = 0; first < LINES; first += 40) {
      await print(Array.from({ length: 40 }, (_, i) => `numbered line ${first + i}\n`).join(''));
    }
    await untilLogged(`numbered line ${LINES - 1}`);
    expect(filesOf('plugins/talker.log').length).toBeGreaterThan(4);

    const found: string[] = [];
    for (let n = 1; ; n++) {
      const { items, has_more, page, page_size } = await logs(`page=${n}&page_size=50`);
      expect([page, page_size]).toEqual([n, 50]);
      found.push(...items.map(({ message }) => message));
      if (!has_more) break;
    }
    expect(found.filter((message) => message.startsWith('numbered'))).toEqual(
      Array.from({ length: LINES }, (_, i) => `numbered line ${LINES - 1 - i}`),
    );
    expect(await logs('page=1000000&page_size=500')).toMatchObject({ items: [], has_more: false });
  });

  it('[API-3] filters by level: this one and the worse ones', async () => {
    for (const level of ['debug', 'warn', 'error', 'fatal'])
      await print(`{"level":"${level}","message":"at ${level}"}\n`);
    await untilLogged('at fatal');
    const at = async (level: string): Promise<readonly string[]> =>
      (await logs(`level=${level}&page_size=500`)).items
        .map(({ message }) => message)
        .filter((message) => message.startsWith('at '));

    expect(await at('warn')).toEqual(['at fatal', 'at error', 'at warn']);
    expect(await at('fatal')).toEqual(['at fatal']);
    expect(await at('trace')).toHaveLength(4);
  });

  it('[API-3] searches messages and fields, whatever the case, across rotated files', async () => {
    const search = async (text: string): Promise<readonly string[]> =>
      (await logs(`search=${encodeURIComponent(text)}&page_size=500`)).items.map(({ message }) => message);

    expect(await search('Numbered LINE 7')).toEqual([...range(79, 70), 'numbered line 7'].map(String));
    expect(await search('"order":[1,2]')).toEqual(['own line']);
    expect(await search('nobody printed this')).toEqual([]);
  });

  it("[API-3] one plugin's log has nothing of another's", async () => {
    await host.json('/plugins/quiet/log/stdout', { method: 'POST', body: 'of quiet\n' });
    const { items } = await host.waitFor('its line', async () => {
      const page = await logs('', 'quiet');
      return page.items.length > 0 ? page : undefined;
    });

    expect(items.map(({ message, plugin }) => [message, plugin])).toEqual([['of quiet', 'quiet']]);
  });

  it('[OBS-2] [API-3] every action of the supervisor is a line, of one plugin or of all', async () => {
    await host.disable('quiet');
    await host.enable('quiet');
    const supervisor = async (id: string): Promise<readonly string[]> =>
      (await logs('source=supervisor&page_size=500', id)).items.map(({ action }) => String(action)).reverse();
    const actions = await supervisor('quiet');

    expect(
      actions.filter((action) => ['spawn', 'ready', 'disable', 'shutdown', 'stopped', 'enable'].includes(action)),
    ).toEqual([...['spawn', 'ready', 'disable', 'shutdown', 'stopped', 'enable', 'spawn', 'ready']]);
    const all = await host.json<Page<LogEntry>>('/api/logs/supervisor?page_size=500');
    expect(new Set(all.items.map(({ plugin }) => plugin))).toEqual(new Set(['talker', 'quiet', 'crashing']));
    const one = await host.json<Page<LogEntry>>('/api/logs/supervisor?plugin_id=QUIET&page_size=500');
    expect(one.items.map(({ action }) => String(action)).reverse()).toEqual(actions);
    for (const line of storedLines('plugin-supervisor.log')) {
      expect(line).toMatchObject({ timestamp: expect.stringMatching(RFC_3339), level: expect.any(String) });
    }
  });

  it('[OBS-2] [OBS-3] [SUP-4] crashes, restarts and the end of patience are lines and rows', async () => {
    for (let crash = 0; crash < 3; crash++) {
      await host.untilPlugin('crashing', 'running');
      expect((await host.api('/plugins/crashing/chaos/crash')).status).toBe(502);
      await host.waitFor('the crash to be counted', async () => {
        const { consecutive_crashes, status } = await host.plugin('crashing');
        return status === 'disabled' || consecutive_crashes > crash;
      });
    }
    await host.untilPlugin('crashing', 'disabled');
    const events = await host.waitFor('the last event', async () => {
      const { items } = await host.json<Page<PluginEvent>>('/api/plugins/crashing/events?page_size=200');
      return items.some(({ event_type }) => event_type === 'disabled') ? items : undefined;
    });
    const types = events.map(({ event_type }) => event_type);

    for (const [type, times] of [
      ['started', 1],
      ['crashed', 3],
      ['restarted', 2],
      ['disabled', 1],
    ] as const) {
      expect([type, types.filter((each) => each === type).length]).toEqual([type, times]);
    }
    const actions = (await logs('source=supervisor&page_size=500', 'crashing')).items.map(({ action }) => action);
    expect(actions.filter((action) => action === 'crash')).toHaveLength(3);
    expect(actions).toEqual(expect.arrayContaining(['restart', 'give_up']));
  });

  it('[OBS-1] what was printed before the end of the host is there after it', async () => {
    await print('the last words\n');
    await host.restart();

    expect((await untilLogged('the last words')).plugin).toBe('talker');
  });
});

/** From the first down to the last, both included, as messages. */
function range(first: number, last: number): readonly string[] {
  return Array.from({ length: first - last + 1 }, (_, i) => `numbered line ${first - i}`);
}
