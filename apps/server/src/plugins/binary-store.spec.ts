import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { BinaryStore } from './binary-store';
import { discover, type CandidateFile } from './discovery';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const plugins = (): string => join(root(), 'plugins');
const data = (): string => join(root(), 'data');
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

async function candidate(content: string, name = 'a.binary'): Promise<CandidateFile> {
  await writeFile(join(plugins(), name), content);
  await chmod(join(plugins(), name), 0o755);
  const found = (await discover(plugins())).files.find((file) => file.name === name);
  if (found?.kind !== 'candidate') throw new Error('the test file was refused');
  return found;
}

async function openStore(maxBytes?: number): Promise<BinaryStore> {
  const store = new BinaryStore(data(), plugins(), maxBytes);
  await store.prepare();
  return store;
}

const digests = async (): Promise<string[]> =>
  (await readdir(join(data(), 'binaries'))).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort();

beforeEach(async () => {
  await mkdir(plugins());
});

describe('BinaryStore', () => {
  it('[META-1] (faults 2) copies what was checked to a place that only the host can write', async () => {
    const store = await openStore();
    const stored = await store.keep(await candidate('#!/bin/sh\necho one\n'));
    expect(stored).toEqual({
      digest: sha256('#!/bin/sh\necho one\n'),
      path: join(data(), 'binaries', sha256('#!/bin/sh\necho one\n'), 'a.binary'),
    });
    expect((await stat(stored.path)).mode & 0o7777).toBe(0o500);
    expect((await stat(join(data(), 'binaries'))).mode & 0o7777).toBe(0o700);
    expect(await readFile(join(data(), 'binaries', 'package.json'), 'utf8')).toBe('{}\n');
  });

  it('[META-1] (faults 2) copies files of many chunks whole', async () => {
    const content = `#!/bin/sh\n${'0123456789abcdef'.repeat(160 * 1024)}\n`;
    const store = await openStore();
    const stored = await store.keep(await candidate(content));
    expect(stored.digest).toBe(sha256(content));
    expect(sha256(await readFile(stored.path, 'utf8'))).toBe(stored.digest);
  });

  it('(faults 2) what is exchanged or written to after the check does not change the copy', async () => {
    const store = await openStore();
    const file = await candidate('#!/bin/sh\necho one\n');
    const stored = await store.keep(file);
    await writeFile(join(plugins(), 'a.binary'), '#!/bin/sh\necho evil\n');
    expect(await readFile(stored.path, 'utf8')).toBe('#!/bin/sh\necho one\n');
  });

  it('(faults 2) a file that is not the discovered one any more is refused', async () => {
    const store = await openStore();
    const file = await candidate('#!/bin/sh\necho one\n');
    await writeFile(join(plugins(), 'b'), '#!/bin/sh\necho two\n', { mode: 0o755 });
    await rename(join(plugins(), 'b'), join(plugins(), 'a.binary'));
    await expect(store.keep(file)).rejects.toThrow('still being written');
    expect(await digests()).toEqual([]);
  });

  it('[ISO-4] a file that grows meanwhile is refused as still being written, and leaves nothing', async () => {
    const store = await openStore();
    const file = await candidate('#!/bin/sh\n');
    await appendFile(join(plugins(), 'a.binary'), 'more');
    await expect(store.keep(file)).rejects.toThrow('still being written');
    expect(await readdir(join(data(), 'binaries'))).toEqual(['package.json']);
  });

  it.each([
    ['a link out of the directory', 'leaves the plugins directory'],
    ['a directory', 'not a regular file'],
    ['nothing', 'ENOENT'],
  ])('[ISO-5] (faults 2) a file that became %s is refused', async (what, reason) => {
    const store = await openStore();
    const file = await candidate('#!/bin/sh\n');
    await rm(file.path);
    if (what === 'a directory') await mkdir(file.path);
    if (what === 'a link out of the directory') await symlink('/bin/sh', file.path);
    await expect(store.keep(file)).rejects.toThrow(reason);
  });

  it('[ISO-4] a file over the limit of size is refused unread', async () => {
    const store = await openStore(16);
    await expect(store.keep(await candidate('#!/bin/sh\n# too long\n'))).rejects.toThrow('larger than 16 bytes');
  });

  it('[META-2] finds a whole copy again, and none that is missing or cut short', async () => {
    const store = await openStore();
    const file = await candidate('#!/bin/sh\necho one\n');
    const stored = await store.keep(file);
    expect(await store.find(stored.digest, file)).toEqual(stored);
    await rm(stored.path);
    await writeFile(stored.path, '#!/bin/sh\n');
    expect(await store.find(stored.digest, file)).toBeUndefined();
    await rm(stored.path);
    expect(await store.find(stored.digest, file)).toBeUndefined();
    expect(await store.keep(file)).toEqual(stored);
  });

  it('odd names stay out of the paths of copies', async () => {
    const store = await openStore();
    const stored = await store.keep(await candidate('#!/bin/sh\n', 'a b\n$(x).binary'));
    expect(stored.path).toBe(join(data(), 'binaries', stored.digest, 'plugin.binary'));
  });

  it('removes copies that nothing refers to, but not the newest, nor what was in use until now', async () => {
    const store = await openStore();
    const stored: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { digest } = await store.keep(await candidate(`#!/bin/sh\necho ${i}\n`));
      stored.push(digest);
    }
    const [oldest, second] = stored as [string, string];
    await store.removeUnreferenced(new Set([second]), new Set([oldest]));
    const left = await digests();
    expect(left).toHaveLength(6);
    expect(left).toEqual(expect.arrayContaining([oldest, second]));
  });

  it('an interrupted copy is cleared away at the next start', async () => {
    await openStore();
    await writeFile(join(data(), 'binaries', '.incoming-1'), 'half');
    await openStore();
    expect(await readdir(join(data(), 'binaries'))).toEqual(['package.json']);
  });
});
