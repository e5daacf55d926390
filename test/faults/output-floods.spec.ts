import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry, Page } from '@toru/contracts';
import { writeStoragePlugin } from '../fixtures/write-storage-plugin';
import { startHost, type TestHost } from '../support/host';

const FLOODS = ['floods-output', 'endless-line', 'forges-log-lines'] as const;
const MAX_RESIDENT_KIB = 600 * 1024;

describe('plugins that print what no log can take', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { good: {}, ...Object.fromEntries(FLOODS.map((behaviour) => [behaviour, { behaviour }])) },
      env: { TORU_LOG_MAX_BYTES: String(8 * 1024 * 1024), TORU_LOG_FILES: '3', TORU_SHUTDOWN_GRACE_MS: '300' },
    });
    writeStoragePlugin(host.directories.plugins, { id: 'splits', reads: 'inner', answers: 'value' });
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.enable('splits');
    for (const id of ['good', ...FLOODS]) await host.untilPlugin(id, 'running');
  });
  afterAll(() => host.dispose());

  const untilLogged = (id: string, matches: (entry: LogEntry) => boolean, query = ''): Promise<LogEntry> =>
    host.waitFor(`a line of ${id}`, async () => {
      const { items } = await host.json<Page<LogEntry>>(`/api/plugins/${id}/logs?page_size=500${query}`);
      return items.find(matches);
    });

  it('faults 16: [ISO-2] a flood is drained: what floods, and its neighbour, answer', async () => {
    for (const id of ['floods-output', 'good']) {
      for (let i = 0; i < 5; i++) expect((await host.api(`/plugins/${id}/pid`)).status).toBe(200);
    }
  });

  it('faults 16: what was dropped is counted in the log', async () => {
    const notice = await untilLogged('floods-output', ({ message }) => /dropped/.test(message), '&search=dropped');

    expect(notice).toMatchObject({ level: 'warn', plugin: 'floods-output' });
    expect(Object.values(notice).some((value) => typeof value === 'number' && value > 0)).toBe(true);
  });

  it('faults 16: megabytes without a newline are kept in part, and say so', async () => {
    // it answers when it has printed all of it
    expect((await host.api('/plugins/endless-line/pid')).status).toBe(200);
    // a line that does not end is one line, when the plugin ends
    await host.disable('endless-line');
    const line = await untilLogged('endless-line', ({ truncated }) => truncated === true);

    expect(line.message.length).toBeLessThanOrEqual(64 * 1024);
    expect(line.message).toMatch(/^x+$/);
    expect(line['cut_bytes']).toBeGreaterThan(7 * 1024 * 1024);
  });

  it('faults 16: characters whose bytes come one by one are whole, and CR ends a line', async () => {
    await untilLogged('splits', ({ message }) => message === 'and LF');
    const { items } = await host.json<Page<LogEntry>>('/api/plugins/splits/logs');

    expect(items.map(({ message }) => message)).toEqual(['and LF', 'with CR', 'gespalten: ü € 🐘']);
  });

  it('faults 16: [OBS-1] nobody forges a line, a plugin, a time or a level, and colours are gone', async () => {
    await untilLogged('forges-log-lines', ({ message }) => message.includes('the last line on stderr'));
    await untilLogged('forges-log-lines', ({ message }) => message.startsWith('bad'));
    const { items } = await host.json<Page<LogEntry>>('/api/plugins/forges-log-lines/logs');
    const find = (text: string): LogEntry | undefined => items.find(({ message }) => message.includes(text));

    expect(items.map(({ plugin }) => plugin)).toEqual(items.map(() => 'forges-log-lines'));
    expect(items.filter(({ timestamp }) => !timestamp.startsWith('20'))).toEqual([]);
    expect(find('forged')).toMatchObject({ extra: 'kept', plugin_plugin: 'somebody-else' });
    expect(find('two')).toMatchObject({ message: 'two\nlines', level: 'info' });
    expect(find('return')).toMatchObject({ message: 'return red' });
    expect(find('bad')?.message).toBe('bad\ufffd\ufffd(');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('faults 16: the host stays small, and every stored line is valid JSON of its plugin', async () => {
    const status = readFileSync(`/proc/${host.pid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(MAX_RESIDENT_KIB);
    await host.stop();

    const directory = path.join(host.directories.log, 'plugins');
    for (const name of readdirSync(directory)) {
      const lines = readFileSync(path.join(directory, name), 'utf8').split('\n');
      expect(lines.pop()).toBe('');
      const id = name.replace(/\.log(\.\d+)?$/, '');
      const wrong = lines.filter((line) => (JSON.parse(line) as LogEntry).plugin !== id);
      expect([name, wrong]).toEqual([name, []]);
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('floods-output')).length).toBeLessThanOrEqual(4);
  });
});
