import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Configuration } from '../config';
import { LogsService } from './logs.service';
import { FakeClock } from '@toru/testing';

let dir: string;
let clock: FakeClock;
let logs: LogsService;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'toru-logs-'));
  clock = new FakeClock(Date.UTC(2026, 10, 21));
  logs = new LogsService({ logDir: dir, logMaxBytes: 10 * 1024 * 1024, logFiles: 5 } as Configuration, clock);
});
afterEach(async () => {
  await logs.close();
  await rm(dir, { recursive: true, force: true });
});

async function stored(name: string): Promise<Record<string, unknown>[]> {
  await logs.flush();
  const text = await readFile(path.join(dir, name), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function print(pluginId: string, text: string | Buffer, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
  const pipe = new PassThrough();
  const capture = logs.capture(pluginId, pipe, stream);
  pipe.end(text);
  await capture.done;
}

describe('LogsService', () => {
  it('[OBS-1] what a plugin prints is in its log, the last line without a newline too', async () => {
    await print('acme', 'one\n\n  \r\ntwo');
    await print('acme', 'three\n', 'stderr');
    expect(await stored('plugins/acme.log')).toEqual([
      { timestamp: '2026-11-21T00:00:00.000Z', level: 'info', plugin: 'acme', message: 'one', stream: 'stdout' },
      { timestamp: '2026-11-21T00:00:00.000Z', level: 'info', plugin: 'acme', message: 'two', stream: 'stdout' },
      { timestamp: '2026-11-21T00:00:00.000Z', level: 'warn', plugin: 'acme', message: 'three', stream: 'stderr' },
    ]);
  });

  it('[OBS-1] what a plugin logs through its SDK is there too, and is bounded', async () => {
    logs.writePluginLine('acme', { level: 'error', message: 'm', error: 'e', fields: { a: 1 } });
    logs.writePluginLine('acme', { level: 'info', message: 'x'.repeat(1_000_000), fields: { b: 'y'.repeat(1_000_000) } });
    const [small, large] = await stored('plugins/acme.log');
    expect(small).toMatchObject({ level: 'error', plugin: 'acme', message: 'm', error: 'e', a: 1 });
    expect(large).toMatchObject({ level: 'info', truncated: true });
    expect(JSON.stringify(large).length).toBeLessThan(64 * 1024);
  });

  it('[OBS-1] drains a flood, writes as much as the limit allows, and counts the rest', async () => {
    const flood = 60_000;
    await print('acme', Buffer.concat([Buffer.from('noise\n'.repeat(flood)), Buffer.from('the reason\n')]));
    const lines = await stored('plugins/acme.log');
    const dropped = lines.reduce((sum, line) => sum + Number(line.dropped_lines ?? 0), 0);
    expect(lines.filter((line) => line.message === 'noise')).toHaveLength(10_000);
    expect(dropped).toBe(flood + 1 - 10_000);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', plugin: 'acme', dropped_lines: dropped });
    expect(logs.lastLines('acme').at(-1)).toMatchObject({ message: 'the reason' });
    expect(logs.lastLines('acme')).toHaveLength(200);
    expect(logs.lineCounts('Acme')).toMatchObject({ dropped, written: { info: 10_000, error: 0 } });
    expect(logs.lineCounts('other')).toBeUndefined();
  });

  it('[OBS-1] says every five seconds how much was dropped, and lets lines through again', async () => {
    const pipe = new PassThrough();
    logs.capture('acme', pipe, 'stdout');
    const written = (text: string): Promise<void> => new Promise((resolve) => pipe.write(text, () => setImmediate(resolve)));
    await written('noise\n'.repeat(10_005));
    clock.advance(5000);
    await written('quiet again\n');
    expect((await stored('plugins/acme.log')).slice(10_000)).toMatchObject([{ dropped_lines: 5 }, { message: 'quiet again' }]);
    pipe.end();
  });

  it('[OBS-1] a flood of one plugin costs another no line', async () => {
    await Promise.all([print('noisy', 'noise\n'.repeat(50_000)), print('quiet', 'word\n')]);
    expect(await stored('plugins/quiet.log')).toHaveLength(1);
  });

  it('[OBS-1] stop takes the last line and lets go of a stream that never ends', async () => {
    const pipe = new PassThrough();
    const capture = logs.capture('acme', pipe, 'stdout');
    await new Promise((resolve) => pipe.write('half a line', () => setImmediate(resolve)));
    capture.stop();
    await capture.done;
    expect(pipe.destroyed).toBe(true);
    expect(await stored('plugins/acme.log')).toMatchObject([{ message: 'half a line' }]);
  });

  it('[OBS-1] an output that breaks ends quietly', async () => {
    const pipe = new PassThrough();
    const capture = logs.capture('acme', pipe, 'stdout');
    await new Promise((resolve) => pipe.write('words', () => setImmediate(resolve)));
    pipe.destroy(new Error('EIO'));
    await expect(capture.done).resolves.toBeUndefined();
    expect(await stored('plugins/acme.log')).toMatchObject([{ message: 'words' }]);
  });

  it('[OBS-2] actions of the supervisor are lines of their own log', async () => {
    logs.supervisorLog('spawn', 'acme', 'started process 7', 'info', { pid: 7, action: 'forged', plugin: 'other' });
    logs.supervisorLog('crash', 'acme', 'exit 1', 'error', { error: new Error('boom') });
    logs.supervisorLog('scan', null, '2 files');
    expect(await stored('plugin-supervisor.log')).toMatchObject([
      { level: 'info', plugin: 'acme', action: 'spawn', message: 'started process 7', pid: 7 },
      { level: 'error', plugin: 'acme', action: 'crash', message: 'exit 1', error: { message: 'boom' } },
      { level: 'info', plugin: '', action: 'scan', message: '2 files' },
    ]);
  });

  it('[API-3] reads back what was written before, from either log', async () => {
    await print('acme', 'one\ntwo\n');
    logs.supervisorLog('stop', 'other', 's');
    logs.supervisorLog('stop', 'acme', 't');
    const query = { page: 1, pageSize: 1 };
    expect(await logs.read({ ...query, source: 'plugin', pluginId: 'ACME' })).toMatchObject({
      items: [{ message: 'two' }],
      has_more: true,
    });
    const page = await logs.read({ ...query, pageSize: 9, source: 'supervisor', pluginId: 'other' });
    expect(page).toMatchObject({ items: [{ message: 's' }], has_more: false });
    expect((await logs.read({ ...query, pageSize: 9, source: 'supervisor' })).items).toHaveLength(2);
  });

  it('[API-3] reads every line once while the log is rotated under its eyes', async () => {
    const small = new LogsService({ logDir: dir, logMaxBytes: 4096, logFiles: 100 } as Configuration, clock);
    const numbers = async (): Promise<number[]> =>
      (await small.read({ source: 'supervisor', page: 1, pageSize: 2000 })).items.map((entry) => Number(entry.message));
    for (let index = 0; index < 400; index += 1) {
      small.supervisorLog('restart', 'acme', String(index));
      if (index % 40 !== 0) continue;
      const reading = numbers();
      for (let more = 0; more < 3; more += 1) await small.flush();
      const seen = await reading;
      expect(seen).toEqual(seen.map((_, place) => index - place));
      expect(seen.at(-1)).toBe(0);
    }
    expect(await numbers()).toHaveLength(400);
    await small.close();
  });

  it('[OBS-1] ids that differ in case share a file, ids that begin alike do not', () => {
    expect(logs.logPathOf('Acme')).toBe(logs.logPathOf('acme'));
    expect(logs.logPathOf('acme-2')).toBe(path.join(dir, 'plugins', 'acme-2.log'));
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a.log', '-a', 'a\n', 'a'.repeat(65)])('[OBS-1] %j is no name of a file', (id) => {
    expect(() => logs.logPathOf(id)).toThrow(expect.objectContaining({ code: 'plugin_not_found' }) as Error);
  });
});
