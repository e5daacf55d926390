import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { LOG_LEVELS, type LogEntry, type LogLevel, type Page } from '@toru/contracts';
import { severityOf } from './log-levels';
import { readLogPage, type LogReadOptions } from './log-reader';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'toru-read-'));
  file = path.join(dir, 'x.log');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function read(options: Partial<LogReadOptions> = {}): Promise<Page<LogEntry>> {
  return readLogPage(file, { page: 1, pageSize: 100, defaultPlugin: 'acme', keptFiles: 5, ...options });
}

const messages = (page: Page<LogEntry>): string[] => page.items.map((entry) => entry.message);

function line(message: string, level: LogLevel = 'info', plugin = 'acme'): string {
  return JSON.stringify({ timestamp: '2026-11-21T00:00:00.000Z', level, plugin, message });
}

describe('readLogPage', () => {
  it('[API-3] gives what a reader of all files would give', async () => {
    const entry = fc.record({
      message: fc.string({ unit: 'grapheme', maxLength: 30 }),
      level: fc.constantFrom(...LOG_LEVELS),
      padding: fc.constantFrom(0, 0, 0, 40_000, 70_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(entry, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.option(fc.constantFrom(...LOG_LEVELS), { nil: undefined }),
        fc.option(fc.constantFrom('a', 'E', '"', 'ß'), { nil: undefined }),
        async (files, page, pageSize, level, search) => {
          await rm(dir, { recursive: true });
          await mkdir(dir);
          const stored = files.map((entries) =>
            entries.map((item) => JSON.stringify({ ...JSON.parse(line(item.message, item.level)), pad: '.'.repeat(item.padding) })),
          );
          for (const [number, lines] of stored.entries()) {
            await writeFile(number === 0 ? file : `${file}.${number}`, lines.map((text) => `${text}\n`).join(''));
          }
          const matching = stored
            .flatMap((lines) => [...lines].reverse())
            .map((text) => ({ text, item: JSON.parse(text) as LogEntry }))
            .filter(({ item }) => level === undefined || severityOf(item.level) >= severityOf(level))
            .filter(({ item, text }) => {
              const needle = search?.toLowerCase() ?? '';
              return item.message.toLowerCase().includes(needle) || text.toLowerCase().includes(needle);
            })
            .map(({ item }) => item);
          const start = (page - 1) * pageSize;
          expect(await read({ page, pageSize, ...(level ? { level } : {}), ...(search ? { search } : {}) })).toEqual({
            items: matching.slice(start, start + pageSize),
            page,
            page_size: pageSize,
            has_more: matching.length > start + pageSize,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[API-3] gives malformed and torn lines as plain text, with the time of the next newer one', async () => {
    await writeFile(file, `${line('first')}\nnot json\n[1,2]\n\n{"message":5}\n${line('last')}\n{"timest`);
    const page = await read();
    expect(messages(page)).toEqual(['{"timest', 'last', '', '[1,2]', 'not json', 'first']);
    expect(page.items[4]).toEqual({
      timestamp: '2026-11-21T00:00:00.000Z',
      level: 'info',
      plugin: 'acme',
      message: 'not json',
      malformed: true,
    });
    for (const item of page.items) expect(Number.isNaN(Date.parse(item.timestamp))).toBe(false);
  });

  it('[API-3] an absent log is an empty page, a gap among the rotated files is none', async () => {
    expect(await read()).toEqual({ items: [], page: 1, page_size: 100, has_more: false });
    await writeFile(`${file}.3`, `${line('old')}\n`);
    expect(messages(await read())).toEqual(['old']);
  });

  it('[API-3] follows no symlink and reads no directory', async () => {
    await writeFile(path.join(dir, 'secret'), 'secret\n');
    await symlink(path.join(dir, 'secret'), file);
    await mkdir(`${file}.1`);
    expect(messages(await read())).toEqual([]);
  });

  it('[API-3] bounds the work for one page and says that there is more', async () => {
    await writeFile(file, Array.from({ length: 5000 }, (_, index) => `${line(`number ${index}`)}\n`).join(''));
    const bounded = await read({ search: 'number 0', maxScannedBytes: 100_000 });
    expect(bounded).toMatchObject({ items: [], has_more: true });
    expect(messages(await read({ search: 'number 0"' }))).toEqual(['number 0']);
  });

  it('[API-3] gives the end of a line that is longer than it reads', async () => {
    await writeFile(file, `before\n${'a'.repeat(3 * 1024 * 1024)}\nafter\n`);
    const page = await read();
    expect(page.items.map((entry) => entry.message.slice(0, 6))).toEqual(['after', 'aaaaaa', 'before']);
    expect(page.items[1]?.message.length).toBeLessThanOrEqual(64 * 1024);
  });

  it('[OBS-2] filters by plugin without regard to case', async () => {
    await writeFile(file, `${line('a', 'info', 'acme')}\n${line('b', 'info', 'other')}\n${line('c', 'info', 'Acme')}\n`);
    expect(messages(await read({ plugin: 'ACME' }))).toEqual(['c', 'a']);
  });
});
