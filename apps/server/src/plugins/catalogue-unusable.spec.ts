import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseMetadata } from '@toru/protocol';
import { BinaryStore } from './binary-store';
import { Catalogue } from './catalogue';
import type { CatalogueEntry } from './catalogue-entry';
import { MetadataCache } from './metadata-cache';
import type { MetadataOutput } from './metadata-reader';
import { metadataOf } from './testing/plugin-files';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const plugins = (): string => join(root(), 'plugins');
const cacheFile = (): string => join(root(), 'data', 'metadata-cache.json');
/** What a file does in place of telling its metadata. */
const FAILS = 'exit 1';
let reports: string[];

beforeEach(() => {
  reports = [];
});

/** A file prints its own text, so that nothing is run. */
async function read(path: string): Promise<MetadataOutput> {
  const text = await readFile(path, 'utf8');
  if (text === FAILS) return { ok: false, reason: '--metadata exited with status 1' };
  return { ok: true, output: Buffer.from(text) };
}

/** A catalogue as a fresh start of the host has it, after its first scan. */
async function started(): Promise<Catalogue> {
  const catalogue = new Catalogue({
    pluginsDir: plugins(),
    store: new BinaryStore(join(root(), 'data'), plugins()),
    cache: new MetadataCache(join(root(), 'data')),
    readMetadata: read,
    parseMetadata,
    reporter: {
      invalid: ({ id, file, reason }) => reports.push(`${id} ${file}: ${reason}`),
      conflict: ({ loserFile }) => reports.push(`conflict ${loserFile}`),
      problem: (detail) => reports.push(detail),
    },
  });
  await catalogue.scan();
  return catalogue;
}

/** Replaces whatever has the name. */
async function put(name: string, text: string, mode = 0o755): Promise<void> {
  await mkdir(plugins(), { recursive: true });
  const file = join(plugins(), name);
  const temporary = join(plugins(), '.new');
  await writeFile(temporary, text);
  // not by the mask of whoever runs this
  await chmod(temporary, mode);
  await rm(file, { recursive: true, force: true });
  await rename(temporary, file);
}

const ACME = metadataOf('acme');
const file = (): string => join(plugins(), 'a.binary');

const WAYS: readonly [string, RegExp, () => Promise<void>][] = [
  ['is not executable any more', /chmod \+x/, () => chmod(file(), 0o644)],
  ['may be written by everybody', /chmod o-w/, () => chmod(file(), 0o777)],
  ['is empty', /it is empty/, () => put('a.binary', '')],
  ['fails', /status 1/, () => put('a.binary', FAILS)],
  ['prints no metadata', /begin with/, () => put('a.binary', 'some text')],
  ['prints metadata without an id', /id must be/, () => put('a.binary', metadataOf(''))],
  [
    ...(['has a directory in its place', /it is a directory/] as const),
    async () => {
      await rm(file());
      await mkdir(file());
    },
  ],
  [
    ...(['is a link that leaves the directory', /leaves the plugins directory/] as const),
    async () => {
      await rm(file());
      await symlink('/bin/true', file());
    },
  ],
];

describe('[SUP-8] [ISO-4] the file of a plugin that cannot be used any more', () => {
  let catalogue: Catalogue;
  let before: CatalogueEntry;

  beforeEach(async () => {
    await put('a.binary', ACME);
    catalogue = await started();
    before = catalogue.get('acme')!;
  });

  it.each(WAYS)('that %s does not end the plugin, before and after a restart of the host, and is told once', async (_, why, spoil) => {
    await spoil();
    const { changed } = await catalogue.scan();
    const unusable = { ...before, fileProblem: expect.stringMatching(why) as string };
    expect(changed).toEqual([{ before, after: unusable }]);
    expect(await catalogue.scan()).toEqual({ added: [], changed: [], removed: [] });
    expect(reports).toEqual([expect.stringMatching(/^acme a\.binary: .*; the version before goes on$/) as string]);

    // the second start goes by what the first one has written
    for (let starts = 0; starts < 2; starts++) expect((await started()).list()).toEqual([unusable]);
    expect(await readFile((before as { executable: string }).executable, 'utf8')).toBe(ACME);
  });

  it.each(WAYS)('that %s is taken up again when it is mended', async (_, __, spoil) => {
    await spoil();
    await catalogue.scan();
    await put('a.binary', ACME);
    expect((await catalogue.scan()).changed).toMatchObject([{ before: { id: 'acme' }, after: before }]);
    expect(catalogue.get('acme')).toEqual(before);

    await spoil();
    const later = await started();
    await put('a.binary', metadataOf('acme', { version: '2.0.0' }));
    await later.scan();
    expect(later.get('acme')).toMatchObject({ metadata: { version: '2.0.0' }, fileProblem: undefined });
  });

  it('is told of again when it is for another reason', async () => {
    await put('a.binary', FAILS);
    await catalogue.scan();
    await put('a.binary', '');
    expect((await catalogue.scan()).changed).toMatchObject([{ after: { kind: 'valid', fileProblem: 'it is empty' } }]);
    expect(reports.map((line) => /status 1|it is empty/.exec(line)?.[0])).toEqual(['status 1', 'it is empty']);
  });

  it('[SUP-9] is gone when it is removed, and nothing of it helps a new file of that name', async () => {
    await put('a.binary', 'some text');
    await catalogue.scan();
    await rm(file());
    expect((await catalogue.scan()).removed).toMatchObject([{ id: 'acme' }]);
    expect(JSON.parse(await readFile(cacheFile(), 'utf8'))).toMatchObject({ files: [], usable: [], accepted: [] });
    await put('a.binary', FAILS);
    await catalogue.scan();
    for (const each of [catalogue, await started()]) expect(each.list()).toMatchObject([{ kind: 'invalid', id: 'a' }]);
  });

  it('[ISO-5] keeps its id and its route against newcomers', async () => {
    await put('a.binary', FAILS);
    await put('0.binary', metadataOf('acme', { route: '/other' }));
    await put('1.binary', metadataOf('other', { route: '/acme' }));
    await catalogue.scan();
    for (const each of [catalogue, await started()]) {
      expect(each.list().map(({ kind, file: name }) => `${kind} ${name}`)).toEqual(['invalid 0.binary', 'invalid 1.binary', 'valid a.binary']);
    }
  });

  it('is invalid after a restart where its copy is gone, until it is mended', async () => {
    await put('a.binary', FAILS);
    await catalogue.scan();
    await rm(dirname((before as { executable: string }).executable), { recursive: true });
    const later = await started();
    expect(later.list()).toMatchObject([{ kind: 'invalid', id: 'acme', reason: expect.stringContaining('status 1') as string }]);
    await put('a.binary', ACME);
    await later.scan();
    expect(later.get('acme')).toEqual(before);
    expect((await stat((before as { executable: string }).executable)).isFile()).toBe(true);
  });

  it('is not taken for a plugin of another id by a restart', async () => {
    await put('a.binary', FAILS);
    await catalogue.scan();
    const text = await readFile(cacheFile(), 'utf8');
    await writeFile(cacheFile(), text.replace('"id":"acme"', '"id":"another"'));
    expect((await started()).list()).toMatchObject([{ kind: 'invalid', id: 'another' }]);
  });

  it('is no plugin where another one has its id', async () => {
    await put('z.binary', ACME);
    await catalogue.scan();
    await put('z.binary', FAILS);
    await catalogue.scan();
    for (const each of [catalogue, await started()]) {
      expect(each.get('acme')).toEqual(before);
      expect(each.get('z')).toMatchObject({ kind: 'invalid', reason: expect.stringContaining('status 1') as string });
    }
  });
});
