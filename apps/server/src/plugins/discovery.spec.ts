import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { discover, ensurePluginsDir, type DiscoveredFile } from './discovery';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const plugins = (): string => join(root(), 'plugins');

beforeEach(async () => {
  await mkdir(plugins());
});

async function put(name: string, mode = 0o755, content = '#!/bin/sh\n'): Promise<string> {
  const path = join(plugins(), name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

async function only(): Promise<DiscoveredFile> {
  const { files } = await discover(plugins());
  expect(files).toHaveLength(1);
  return files[0] as DiscoveredFile;
}

describe('discover', () => {
  it('[ISO-3] makes the directory that is missing, and an existing one stays as it is', async () => {
    await put('a.binary');
    await ensurePluginsDir(plugins());
    await ensurePluginsDir(join(root(), 'deep', 'er'));
    expect((await discover(plugins())).files).toHaveLength(1);
    expect(await discover(join(root(), 'deep', 'er'))).toEqual({ files: [] });
  });

  it('[ISO-3] a directory that has gone reads as empty, with a problem that says what to do', async () => {
    await rm(plugins(), { recursive: true });
    expect(await discover(plugins())).toEqual({
      files: [],
      problem: { kind: 'missing', detail: expect.stringContaining('create it') as string },
    });
  });

  it('[ISO-4] a file in place of the directory is a problem, not an exception', async () => {
    const path = await put('a.binary');
    expect(await discover(path)).toMatchObject({
      files: [],
      problem: { kind: 'unreadable', detail: expect.stringMatching(/ENOTDIR\): put a directory in the place/) as string },
    });
  });

  it('takes executable *.binary files in the order of their names and nothing else', async () => {
    for (const name of ['b.binary', 'a.binary', 'B.binary', '.hidden.binary', 'c.bin', 'd.binary.txt', 'binary']) {
      await put(name);
    }
    await mkdir(join(plugins(), '.metadata'));
    const { files } = await discover(plugins());
    expect(files.map((f) => [f.kind, f.name])).toEqual([
      ['candidate', 'B.binary'],
      ['candidate', 'a.binary'],
      ['candidate', 'b.binary'],
    ]);
  });

  it('[META-2] the identity is the file’s own, to the nanosecond', async () => {
    const stats = await stat(await put('a.binary'), { bigint: true });
    expect(await only()).toMatchObject({
      identity: { ino: String(stats.ino), size: 10, mtimeNs: String(stats.mtimeNs), ctimeNs: String(stats.ctimeNs) },
    });
  });

  it.each([
    ['no execute bit', 0o644, 'not executable'],
    ['world-writable', 0o757, 'everybody may write'],
  ])('[ISO-5] refuses a file with %s', async (_, mode, reason) => {
    await put('a.binary', mode);
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) as string });
  });

  it('[ISO-4] refuses an empty file', async () => {
    await put('a.binary', 0o755, '');
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('empty') as string });
  });

  it('[ISO-5] (faults 1) refuses a FIFO without opening it, so without a hang', async () => {
    execFileSync('mkfifo', [join(plugins(), 'a.binary')]);
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('a FIFO') as string });
  });

  it('[ISO-5] (faults 1) refuses a directory', async () => {
    await mkdir(join(plugins(), 'a.binary'));
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('a directory') as string });
  });

  it('[ISO-5] (faults 1) refuses a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(plugins(), 'a.binary'), resolve));
    try {
      expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('a socket') as string });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('[ISO-5] (faults 1) refuses a device that a link leads to', async () => {
    await symlink('/dev/zero', join(plugins(), 'a.binary'));
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('leaves') as string });
  });

  it('[ISO-5] (faults 1) refuses links that leave the directory, also through another link or into a sibling', async () => {
    const outside = join(root(), 'plugins-2');
    await mkdir(outside);
    await writeFile(join(outside, 'x'), '#!/bin/sh\n', { mode: 0o755 });
    await symlink(join(outside, 'x'), join(plugins(), 'a.binary'));
    await symlink('../plugins-2/x', join(plugins(), 'b.binary'));
    await symlink(outside, join(plugins(), 'dir'));
    await symlink('dir/x', join(plugins(), 'c.binary'));
    const { files } = await discover(plugins());
    expect(files.map((f) => [f.name, f.kind === 'refused' && f.reason.includes('leaves')])).toEqual([
      ['a.binary', true],
      ['b.binary', true],
      ['c.binary', true],
    ]);
  });

  it('[ISO-5] takes a link that stays inside, also when the directory itself is reached through a link', async () => {
    await put('real-file');
    await symlink('real-file', join(plugins(), 'a.binary'));
    await symlink(plugins(), join(root(), 'linked'));
    expect(await only()).toMatchObject({ kind: 'candidate', path: expect.stringMatching(/real-file$/) as string });
    expect((await discover(join(root(), 'linked'))).files).toMatchObject([{ kind: 'candidate' }]);
  });

  it('[ISO-5] judges what a link leads to, not the link', async () => {
    await put('real-file', 0o646);
    await symlink('real-file', join(plugins(), 'a.binary'));
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('everybody') as string });
  });

  it.each([
    ['broken', 'nowhere', 'broken'],
    ['circular', 'a.binary', 'circle'],
  ])('[ISO-5] refuses a %s link', async (_, target, reason) => {
    await symlink(target, join(plugins(), 'a.binary'));
    expect(await only()).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) as string });
  });

  it('[ISO-4] shows control and bidi characters of a name as code points', async () => {
    await put('a\n\u202e\u001b[31m.binary');
    expect((await only()).file).toBe('a\\u{a}\\u{202e}\\u{1b}[31m.binary');
  });

  it('[ISO-4] refuses a name that is no UTF-8, and takes the rest', async () => {
    const path = await put('b.binary');
    await rename(path, Buffer.concat([Buffer.from(join(plugins(), 'b')), Buffer.from([0xff]), Buffer.from('.binary')]));
    await put('a.binary');
    const { files } = await discover(plugins());
    expect(files.map((f) => [f.kind, f.file])).toEqual([
      ['candidate', 'a.binary'],
      ['refused', 'b\\u{fffd}.binary'],
    ]);
  });
});
