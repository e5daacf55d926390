import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { openForAppend } from './log-file-path';
import { RotatingLogFile, type RotatingLogFileOptions } from './rotating-log-file';
import { FakeClock } from '@toru/testing';

/** A rotation by somebody else is noticed after so long. */
const LOOK_MS = 100;

let dir: string;
let file: string;
let failures: unknown[];
let clock: FakeClock;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'toru-log-'));
  file = path.join(dir, 'logs', 'x.log');
  failures = [];
  clock = new FakeClock(Date.UTC(2026, 10, 21));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function openLog(options: Partial<RotatingLogFileOptions> = {}): RotatingLogFile {
  return new RotatingLogFile(file, {
    clock,
    maxFileBytes: 1000,
    keptFiles: 3,
    lossNotice: (lines) => `lost ${lines}`,
    onFailure: (error) => failures.push(error),
    ...options,
  });
}

async function linesOf(...files: string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((name) => readFile(name, 'utf8')));
  return texts.join('').split('\n').slice(0, -1);
}

describe('RotatingLogFile', () => {
  it('[OBS-1] makes its directory and a file that others cannot read', async () => {
    const log = openLog();
    log.write('one');
    log.write('two');
    await log.close();
    expect(await linesOf(file)).toEqual(['one', 'two']);
    expect((await stat(file)).mode & 0o137).toBe(0);
  });

  it('[OBS-1] every line is in exactly one file after rotations, in order, none longer than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ length: fc.integer({ min: 1, max: 90 }), flush: fc.boolean() }), { maxLength: 60 }),
        async (writes) => {
          await rm(path.dirname(file), { recursive: true, force: true });
          const log = openLog({ maxFileBytes: 100, keptFiles: 100 });
          const written: string[] = [];
          for (const [index, { length, flush }] of writes.entries()) {
            const line = `${index}:`.padEnd(length, '.');
            written.push(line);
            log.write(line);
            if (flush) await log.flush();
          }
          await log.close();
          if (writes.length === 0) return;
          const count = (await readdir(path.dirname(file))).length;
          const files = Array.from({ length: count }, (_, index) => (index === 0 ? file : `${file}.${index}`)).reverse();
          expect(await linesOf(...files)).toEqual(written);
          for (const name of files) expect((await stat(name)).size).toBeLessThanOrEqual(100);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('[OBS-1] keeps as many rotated files as it is told', async () => {
    const log = openLog({ maxFileBytes: 10 });
    for (let index = 0; index < 8; index += 1) log.write(`line ${index}`);
    await log.close();
    expect((await readdir(path.dirname(file))).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2', 'x.log.3']);
    expect(await linesOf(`${file}.3`, `${file}.2`, `${file}.1`, file)).toEqual(['line 4', 'line 5', 'line 6', 'line 7']);
  });

  it('[OBS-4] whoever holds the file open across a rotation finds every line once', async () => {
    const log = openLog({ maxFileBytes: 30 });
    log.write('first');
    await log.flush();
    const follower = await open(file, 'r');
    for (const line of ['second', 'third', 'fourth', 'fifth']) log.write(line);
    await log.close();
    const seen = await follower.readFile('utf8');
    await follower.close();
    expect(`${seen}${await readFile(file, 'utf8')}`).toBe('first\nsecond\nthird\nfourth\nfifth\n');
    expect(await readFile(`${file}.1`, 'utf8')).toBe(seen);
  });

  it('[OBS-1] goes on in a new file after an external rotation, by rename, removal or truncation', async () => {
    const log = openLog();
    log.write('one');
    await log.flush();
    await rename(file, `${file}.moved`);
    clock.advance(LOOK_MS);
    log.write('two');
    await log.flush();
    expect(await linesOf(`${file}.moved`)).toEqual(['one']);
    expect(await linesOf(file)).toEqual(['two']);
    await truncate(file);
    clock.advance(LOOK_MS);
    log.write('three');
    await log.flush();
    expect(await linesOf(file)).toEqual(['three']);
    await rm(path.dirname(file), { recursive: true });
    clock.advance(LOOK_MS);
    log.write('four');
    await log.close();
    expect(await linesOf(file)).toEqual(['four']);
  });

  it('[OBS-1] gathers the lines that come while others are written, for a moment or until they are asked for', async () => {
    let writes = 0;
    const log = openLog({
      openFile: async (name) => {
        const handle = await openForAppend(name);
        const write = handle.write.bind(handle) as (data: Buffer, from: number, length: number) => Promise<{ bytesWritten: number }>;
        return Object.assign(handle, {
          write: (...given: Parameters<typeof write>) => {
            writes += 1;
            return write(...given);
          },
        });
      },
    });
    log.write('one');
    for (const line of ['two', 'three', 'four']) log.write(line);
    while (writes === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const line of ['five', 'six']) log.write(line);
    while ((await readFile(file, 'utf8')) === '') await new Promise((resolve) => setImmediate(resolve));
    for (const line of ['seven', 'eight']) log.write(line);
    clock.advance(5);
    await log.flush();
    expect(await linesOf(file)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']);
    expect(writes).toBeLessThan(5);
    await log.close();
  });

  it('[OBS-1] ends the line that a crash left open', async () => {
    await mkdir(path.dirname(file));
    await writeFile(file, 'whole\ntor');
    const log = openLog();
    log.write('next');
    await log.close();
    expect(await linesOf(file)).toEqual(['whole', 'tor', 'next']);
  });

  it.each([
    ['a symbolic link', (): Promise<void> => symlink(path.join(dir, 'target'), file)],
    ['a directory', (): Promise<void> => mkdir(file)],
    ['a FIFO', (): Promise<unknown> => promisify(execFile)('mkfifo', [file])],
  ])('[OBS-1] refuses %s at the path, says so once, and writes when it is gone', async (what, obstruct) => {
    await mkdir(path.dirname(file));
    await writeFile(path.join(dir, 'target'), 'untouched');
    await obstruct();
    const log = openLog();
    log.write('one');
    await log.flush();
    await log.flush();
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining(`${file} is ${what}`) as string })]);
    expect(await readFile(path.join(dir, 'target'), 'utf8')).toBe('untouched');
    await rm(file, { recursive: true });
    clock.advance(1000);
    await log.flush();
    expect(await linesOf(file)).toEqual(['one']);
    await log.close();
  });

  describe('on a disk that is full', () => {
    let room: number;
    const fullDisk = async (name: string): Promise<FileHandle> => {
      const handle = await openForAppend(name);
      const write = handle.write.bind(handle) as (data: Buffer, from: number, length: number) => Promise<{ bytesWritten: number }>;
      Object.assign(handle, {
        write: async (data: Buffer, from: number, length: number) => {
          const allowed = Math.min(length, room);
          if (allowed === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
          room -= allowed;
          return write(data, from, allowed);
        },
      });
      return handle;
    };

    it('[OBS-1] keeps what it can, completes the torn line, and says how many lines were lost', async () => {
      room = 6;
      const log = openLog({ maxBufferBytes: 12, openFile: fullDisk });
      log.write('one');
      log.write('two');
      await log.flush();
      expect(await readFile(file, 'utf8')).toBe('one\ntw');
      for (const line of ['three', 'four', 'five', 'six']) log.write(line);
      await log.flush();
      expect(failures).toHaveLength(1);
      room = Infinity;
      clock.advance(1000);
      await log.flush();
      log.write('seven');
      await log.close();
      expect(await linesOf(file)).toEqual(['one', 'two', 'three', 'lost 3', 'seven']);
    });

    it('[OBS-1] writes a torn line again, whole, when the file was rotated away meanwhile', async () => {
      room = 2;
      const log = openLog({ openFile: fullDisk });
      log.write('one');
      await log.flush();
      await rename(file, `${file}.moved`);
      room = Infinity;
      await log.close();
      expect(await readFile(`${file}.moved`, 'utf8')).toBe('on');
      expect(await linesOf(file)).toEqual(['one']);
    });
  });

  it('[OBS-1] takes lines of another writer into account', async () => {
    const log = openLog({ maxFileBytes: 20 });
    log.write('one');
    await log.flush();
    await appendFile(file, 'sixteen letters.\n');
    clock.advance(LOOK_MS);
    log.write('two');
    await log.close();
    expect(await linesOf(`${file}.1`)).toEqual(['one', 'sixteen letters.']);
    expect(await linesOf(file)).toEqual(['two']);
  });
});
