import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { filesBelow, fingerprint } from './fingerprint.mjs';

describe('fingerprint', () => {
  let root;
  const write = (name, content) => writeFileSync(path.join(root, name), content);
  const now = () => fingerprint(root, filesBelow(root, ['src', 'absent']));

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'toru-fp-'));
    mkdirSync(path.join(root, 'src/node_modules'), { recursive: true });
    write('src/a.ts', 'one');
    write('src/b.ts', 'two');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('stays the same when only times or installed packages change', () => {
    const before = now();
    utimesSync(path.join(root, 'src/a.ts'), 1, 1);
    write('src/node_modules/x.js', 'new');

    expect(now()).toBe(before);
  });

  it('stays the same when a Python package is installed from its folder', () => {
    mkdirSync(path.join(root, 'src/python/src'), { recursive: true });
    write('src/python/pyproject.toml', '');
    const before = now();
    for (const folder of ['build/lib', 'src/package.egg-info']) {
      mkdirSync(path.join(root, 'src/python', folder), { recursive: true });
      write(`src/python/${folder}/x`, '');
    }

    expect(now()).toBe(before);
  });

  it('changes with a folder that is called build elsewhere', () => {
    const before = now();
    mkdirSync(path.join(root, 'src/build'));
    write('src/build/index.ts', '');

    expect(now()).not.toBe(before);
  });

  it.each([
    ['a content', () => write('src/a.ts', 'ONE')],
    ['a name', () => renameSync(path.join(root, 'src/b.ts'), path.join(root, 'src/c.ts'))],
    ['the number of files', () => write('src/c.ts', '')],
    ['where one file ends and the next begins', () => [write('src/a.ts', 'onet'), write('src/b.ts', 'wo')]],
  ])('changes with %s', (_case, change) => {
    const before = now();
    change();

    expect(now()).not.toBe(before);
  });

  it('takes only the files that are accepted', () => {
    expect(filesBelow(root, ['src'], (file) => file.endsWith('a.ts'))).toEqual(['src/a.ts']);
  });
});
