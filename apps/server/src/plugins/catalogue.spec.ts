import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { parseMetadata } from '@toru/protocol';
import { ProcessTable, SpawnError } from '../common';
import { BinaryChangingError, BinaryRefusedError, BinaryStore, type StoredBinary } from './binary-store';
import { Catalogue, type CatalogueParts } from './catalogue';
import type { CandidateFile } from './discovery';
import { MetadataCache } from './metadata-cache';
import { readMetadata } from './metadata-reader';
import { PluginFiles, metadataOf } from './testing/plugin-files';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
let files: PluginFiles;
let reports: string[];

beforeEach(() => {
  files = new PluginFiles(join(root(), 'plugins'), join(root(), 'runs'));
  reports = [];
});

/** A catalogue as a fresh start of the host has it. */
function open(
  store = new BinaryStore(join(root(), 'data'), files.directory),
  read: CatalogueParts['readMetadata'] = (path, signal) =>
    readMetadata(path, { timeoutMs: path.endsWith('hang.binary') ? 300 : 30_000, signal }),
  patience?: CatalogueParts['patience'],
): Catalogue {
  const dataDir = join(root(), 'data');
  return new Catalogue({
    pluginsDir: files.directory,
    store,
    cache: new MetadataCache(dataDir),
    readMetadata: read,
    parseMetadata,
    ...(patience === undefined ? {} : { patience }),
    reporter: {
      invalid: ({ file, reason }) => reports.push(`invalid ${file}: ${reason}`),
      conflict: ({ loserFile, winnerFile, what }) => reports.push(`conflict ${what} ${loserFile} ${winnerFile}`),
      problem: (detail) => reports.push(`problem ${detail}`),
    },
  });
}

async function scanned(): Promise<Catalogue> {
  const catalogue = open();
  await catalogue.scan();
  return catalogue;
}

/** The process id in a file, once it is there. */
async function whenWritten(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return Number(text);
    await delay(10);
  }
}

/** Once nobody of a process group lives: what was orphaned waits for the system, or for ever, until its end is taken note of. */
async function whenGone(group: number): Promise<void> {
  const table = new ProcessTable();
  const lives = (pid: number): boolean => {
    const stat = table.stat(pid);
    return stat?.group === group && !['Z', 'X'].includes(stat.state);
  };
  while (table.pids().some(lives)) await delay(10);
}

const shown = (catalogue: Catalogue): string[] => catalogue.list().map((e) => `${e.kind} ${e.id} ${e.file}`);

describe('Catalogue', () => {
  it('[ISO-3] makes the missing directory and has no plugins', async () => {
    expect((await scanned()).list()).toEqual([]);
    expect((await stat(files.directory)).isDirectory()).toBe(true);
    expect(reports).toEqual([]);
  });

  it('[SUP-7] closing ends a file that is being run for its metadata, and takes nothing for a finding', async () => {
    const started = join(root(), 'started');
    await files.script('sleeper.binary', `echo $$ > ${started}.new; mv ${started}.new ${started}; sleep 600`);
    await files.printing('after.binary', metadataOf('after'));
    // it is closed before anybody is told of the other one
    const catalogue = open(undefined, undefined, { parallel: 4, patienceMs: 600_000 });
    const scan = catalogue.scan();
    const group = await whenWritten(started);
    await catalogue.close();

    expect(await scan).toEqual({ added: [], changed: [], removed: [] });
    await whenGone(group);
    expect(await catalogue.scan()).toEqual({ added: [], changed: [], removed: [] });
    expect([catalogue.list(), reports]).toEqual([[], []]);
  });

  it('[SUP-8] a file that is still being written stays the version that it was; a new one is refused for now', async () => {
    class Busy extends BinaryStore {
      isBusy = false;
      override keep(candidate: CandidateFile): Promise<StoredBinary> {
        return this.isBusy ? Promise.reject(new BinaryChangingError('it is still being written')) : super.keep(candidate);
      }
    }
    const store = new Busy(join(root(), 'data'), files.directory);
    const catalogue = open(store);
    await files.printing('a.binary', metadataOf('acme'));
    await catalogue.scan();

    store.isBusy = true;
    await files.printing('a.binary', metadataOf('acme', { version: '2.0.0' }));
    await files.printing('b.binary', metadataOf('new'));
    await catalogue.scan();
    expect(catalogue.get('acme')).toMatchObject({ kind: 'valid', metadata: { version: '1.0.0' } });
    await catalogue.scan();
    expect(catalogue.get('acme')).toMatchObject({ kind: 'valid', metadata: { version: '1.0.0' } });
    expect(catalogue.get('new')).toBeUndefined();

    store.isBusy = false;
    await catalogue.scan();
    expect(catalogue.get('acme')).toMatchObject({ kind: 'valid', metadata: { version: '2.0.0' } });
    expect(catalogue.get('new')).toMatchObject({ kind: 'valid' });
  });

  describe('faults 15: a host that lacks something of its own', () => {
    const lack = new SpawnError('EMFILE', undefined);
    class Poor extends BinaryStore {
      lacks = false;
      override keep(candidate: CandidateFile): Promise<StoredBinary> {
        const error = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        return this.lacks ? Promise.reject(new BinaryRefusedError('it cannot be copied', { cause: error })) : super.keep(candidate);
      }
    }

    it.each(['the copy of a file', 'the run of a file'])('holds nothing against %s: it stays what it was, and is tried again', async (what) => {
      const store = new Poor(join(root(), 'data'), files.directory);
      let cannotSpawn = false;
      const catalogue = open(store, (path, signal) =>
        readMetadata(path, { timeoutMs: 30_000, signal, ...(cannotSpawn && { spawn: () => Promise.reject(lack) }) }),
      );
      await files.printing('a.binary', metadataOf('acme'));
      await catalogue.scan();

      if (what === 'the copy of a file') store.lacks = true;
      else cannotSpawn = true;
      await files.printing('a.binary', metadataOf('acme', { version: '2.0.0' }));
      await files.printing('b.binary', metadataOf('new'));
      for (let scans = 0; scans < 2; scans++) await catalogue.scan();
      expect([catalogue.isBehind, catalogue.isReading]).toEqual([true, true]);
      expect(catalogue.get('acme')).toMatchObject({ kind: 'valid', metadata: { version: '1.0.0' } });
      expect(shown(catalogue)).toEqual(['valid acme a.binary']);
      expect(reports).toEqual([expect.stringMatching(/^problem .*a\.binary, b\.binary now: .*(EMFILE|ENOSPC)/) as string]);

      store.lacks = cannotSpawn = false;
      await catalogue.scan();
      expect([catalogue.isBehind, catalogue.isReading]).toEqual([false, false]);
      expect(catalogue.get('acme')).toMatchObject({ kind: 'valid', metadata: { version: '2.0.0' } });
      expect(catalogue.get('new')).toMatchObject({ kind: 'valid' });
      expect(reports).toHaveLength(1);
    });
  });

  it('[ISO-3] a directory that goes away while the host runs empties the catalogue and is reported once', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    const catalogue = await scanned();
    await rm(files.directory, { recursive: true });
    expect((await catalogue.scan()).removed).toMatchObject([{ id: 'acme' }]);
    await catalogue.scan();
    expect(reports).toEqual([expect.stringContaining('does not exist') as string]);
    expect([catalogue.problem, catalogue.isReading]).toEqual([expect.stringContaining('create it') as string, false]);
    await files.printing('a.binary', metadataOf('acme'));
    expect((await catalogue.scan()).added).toMatchObject([{ kind: 'valid', id: 'acme' }]);
    expect(catalogue.problem).toBeUndefined();
  });

  it('[ISO-4] one that cannot be read changes nothing, and says why instead of promising more', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    const catalogue = await scanned();
    const aside = `${files.directory}.aside`;
    await rename(files.directory, aside);
    await writeFile(files.directory, 'a file');
    expect(await catalogue.scan()).toEqual({ added: [], changed: [], removed: [] });
    expect(shown(catalogue)).toEqual(['valid acme a.binary']);
    expect([catalogue.isBehind, catalogue.isReading]).toEqual([true, false]);
    expect(catalogue.problem).toContain('cannot be read (ENOTDIR)');
    await rm(files.directory);
    await rename(aside, files.directory);
    await catalogue.scan();
    expect([catalogue.isBehind, catalogue.isReading, catalogue.problem]).toEqual([false, false, undefined]);
  });

  it('[ISO-4] (faults 15) a directory that cannot be read is not an empty one', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    const catalogue = await scanned();
    await rm(files.directory, { recursive: true });
    await writeFile(files.directory, 'a file');
    expect((await catalogue.scan()).removed).toEqual([]);
    expect(shown(catalogue)).toEqual(['valid acme a.binary']);
    expect(reports).toHaveLength(1);
  });

  it('[META-1] shows what the plugin says about itself and executes the private copy', async () => {
    await files.printing('a.binary', metadataOf('Acme', { route: '/acme', author: 'A. Author', extra: { x: 1 } }));
    const entry = (await scanned()).get('aCME');
    expect(entry).toMatchObject({ kind: 'valid', id: 'Acme', file: 'a.binary' });
    if (entry?.kind !== 'valid') throw new Error('unreachable');
    expect(entry.metadata).toMatchObject({ id: 'Acme', route: '/acme', author: 'A. Author', protocol: 1 });
    expect(entry.executable).toBe(join(root(), 'data', 'binaries', entry.digest, 'a.binary'));
    expect(await readFile(entry.executable)).toEqual(await readFile(join(files.directory, 'a.binary')));
  });

  it('[META-1] a Node plugin runs although its file ends in .binary and a package around it has ES modules', async () => {
    await mkdir(files.directory);
    await writeFile(join(root(), 'package.json'), '{"type":"module"}');
    const script = `#!/usr/bin/env node\nrequire('node:fs').writeSync(1, ${JSON.stringify(metadataOf('acme'))});\n`;
    await writeFile(join(files.directory, 'a.binary'), script, { mode: 0o755 });
    expect(shown(await scanned())).toEqual(['valid acme a.binary']);
  });

  it('[ISO-4] (faults 1, 3, 4, 5) everything that is no plugin is shown with its reason, and the rest loads', async () => {
    await files.printing('good-1.binary', metadataOf('good'));
    await files.printing('good-2.binary', metadataOf('second'));
    const bad: [string, string, RegExp][] = [
      ['bom.binary', `\ufeff${metadataOf('bom')}`, /byte order mark/],
      ['trailing.binary', `${metadataOf('trailing')} and more`, /nothing may come after/],
      ['text.binary', 'hello', /begin with/],
      ['list.binary', '[]', /JSON object|begin with/],
      ['reserved.binary', metadataOf('constructor'), /id is a name that the host keeps/],
      ['proto.binary', metadataOf('__proto__'), /id must be/],
      ['long.binary', metadataOf('x'.repeat(65)), /id must be/],
      ['encoded.binary', metadataOf('enc', { route: '/a%2fb' }), /route must be/],
      ['empty-id.binary', metadataOf('', { route: '/empty' }), /id must be/],
      ['bidi.binary', metadataOf('bidi', { name: 'a\u202eb\u001b[31m' }), /name /],
    ];
    bad.push(['html.binary', '<html></html>', /HTML/]);
    for (const [name, text] of bad) await files.printing(name, text);
    await files.script('exit.binary', 'exit 7');
    await files.script('hang.binary', 'exec sleep 600');
    await files.script('size.binary', 'head -c 70000 /dev/zero');
    await files.script('flood.binary', 'exec yes');
    await files.script('utf8.binary', `printf '{"id":"u","name":"\\377"}'`);
    await writeFile(join(files.directory, 'foreign.binary'), 'MZ foreign', { mode: 0o755 });
    await writeFile(join(files.directory, 'plain.binary'), '#!/bin/sh\n', { mode: 0o644 });
    await symlink('/bin/true', join(files.directory, 'link.binary'));
    execFileSync('mkfifo', [join(files.directory, 'fifo.binary')]);
    await mkdir(join(files.directory, 'dir.binary'));

    const catalogue = await scanned();
    const valid = catalogue.list().filter((entry) => entry.kind === 'valid');
    expect(valid.map((entry) => entry.id)).toEqual(['good', 'second']);
    const invalid = catalogue.list().filter((entry) => entry.kind === 'invalid');
    expect(invalid.map((entry) => entry.file).sort()).toEqual(
      ['bom', 'trailing', 'text', 'list', 'reserved', 'proto', 'long', 'encoded', 'empty-id', 'exit', 'hang', 'flood', 'bidi', 'html', 'size']
        .concat(['utf8', 'foreign', 'plain', 'link', 'fifo', 'dir'])
        .map((name) => `${name}.binary`)
        .sort(),
    );
    for (const [name, , reason] of bad) {
      expect(invalid.find((entry) => entry.file === name)).toMatchObject({
        reason: expect.stringMatching(reason) as string,
      });
    }
    for (const entry of invalid) {
      expect(entry.id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
      expect(entry.reason).toMatch(/^[^\p{C}]+$/u);
    }
    expect(reports.filter((line) => line.startsWith('invalid '))).toHaveLength(invalid.length);
    await catalogue.scan();
    expect(reports.filter((line) => line.startsWith('invalid '))).toHaveLength(invalid.length);
  });

  it('[META-2] neither a second scan nor a restart runs a file again', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    await files.printing('b.binary', 'no metadata');
    const first = await scanned();
    await first.scan();
    const again = await scanned();
    expect(await files.runs()).toBe(2);
    expect(again.list()).toEqual(first.list());
  });

  it('[META-2] a file that changed is read again, also when its size and time did not', async () => {
    const date = new Date('2026-01-01T00:00:00Z');
    await files.printing('a.binary', metadataOf('acme', { version: '1.0.0' }));
    await utimes(join(files.directory, 'a.binary'), date, date);
    const catalogue = await scanned();
    await files.printing('a.binary', metadataOf('acme', { version: '1.0.1' }));
    await utimes(join(files.directory, 'a.binary'), date, date);
    const { changed } = await catalogue.scan();
    expect(changed).toMatchObject([{ before: { metadata: { version: '1.0.0' } }, after: { metadata: { version: '1.0.1' } } }]);
    expect(await files.runs()).toBe(2);
  });

  it('[META-2] a run that did not end well is tried again', async () => {
    await files.script('a.binary', `test -e ${root()}/licence || exit 1\nprintf '%s' '${metadataOf('acme')}'`);
    const catalogue = await scanned();
    expect(shown(catalogue)).toEqual(['invalid a a.binary']);
    await writeFile(join(root(), 'licence'), '');
    await catalogue.scan();
    expect(shown(catalogue)).toEqual(['valid acme a.binary']);
  });

  it.each([
    ['truncated', '{"format":1,"files":[{'],
    ['of another shape', '{"format":1,"files":{"a":1},"accepted":[1,{"name":"a.binary","id":"../x","route":"/x"}]}'],
    ['a list', '[]'],
  ])('[META-2] a cache that is %s is made anew', async (_, text) => {
    await files.printing('a.binary', metadataOf('acme'));
    await mkdir(join(root(), 'data'));
    await writeFile(join(root(), 'data', 'metadata-cache.json'), text);
    expect(shown(await scanned())).toEqual(['valid acme a.binary']);
    await scanned();
    expect(await files.runs()).toBe(1);
  });

  it('[META-2] (faults 2) a private copy that is gone or cut short is made again', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    const entry = (await scanned()).get('acme');
    if (entry?.kind !== 'valid') throw new Error('unreachable');
    await chmod(entry.executable, 0o700);
    await writeFile(entry.executable, 'x');
    expect((await scanned()).get('acme')).toEqual(entry);
    expect(await readFile(entry.executable, 'utf8')).toContain('acme');
  });

  it('[ISO-5] (faults 5) a conflict has one winner, an event, and the same outcome after a restart', async () => {
    await files.printing('m.binary', metadataOf('acme'));
    await scanned();
    await files.printing('a.binary', metadataOf('ACME', { route: '/other' }));
    const catalogue = await scanned();
    expect(shown(catalogue)).toEqual(['invalid a a.binary', 'valid acme m.binary']);
    expect(reports.filter((line) => line.startsWith('conflict'))).toEqual(['conflict id a.binary m.binary']);
    await catalogue.scan();
    expect(reports.filter((line) => line.startsWith('conflict'))).toHaveLength(1);
    files.remove('m.binary');
    const { changed, removed } = await catalogue.scan();
    expect(shown(catalogue)).toEqual(['valid ACME a.binary']);
    expect(changed).toMatchObject([{ before: { file: 'm.binary' }, after: { file: 'a.binary' } }]);
    expect(removed).toMatchObject([{ id: 'a' }]);
  });

  it('scans run one at a time, and everybody gets one that began after asking', async () => {
    const catalogue = open();
    const first = catalogue.scan();
    await files.printing('a.binary', metadataOf('acme'));
    const [second, third] = [catalogue.scan(), catalogue.scan()];
    await Promise.all([first, second, third]);
    expect(catalogue.get('acme')).toBeDefined();
    expect(await files.runs()).toBe(1);
  });

  it('tells its listeners what changed, and one that fails stops nobody', async () => {
    await files.printing('a.binary', metadataOf('acme'));
    const catalogue = open();
    const seen: string[][] = [];
    catalogue.onChange(() => {
      throw new Error('broken listener');
    });
    const stop = catalogue.onChange((diff) => {
      seen.push(diff.added.map((entry) => entry.id));
    });
    await catalogue.scan();
    await catalogue.scan();
    expect(seen).toEqual([['acme']]);
    expect(reports).toEqual([expect.stringContaining('broken listener') as string]);
    stop();
    files.remove('a.binary');
    await catalogue.scan();
    expect(seen).toHaveLength(1);
  });

  it('[META-2] old copies do not pile up', async () => {
    const catalogue = open();
    for (let i = 0; i < 9; i++) {
      await files.printing('a.binary', metadataOf('acme', { version: `1.0.${i}` }));
      await catalogue.scan();
    }
    expect((await readdir(join(root(), 'data', 'binaries'))).filter((name) => name.length === 64)).toHaveLength(6);
  });
});
