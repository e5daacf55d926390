import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { parseMetadata } from '@toru/protocol';
import { BinaryStore } from './binary-store';
import { Catalogue } from './catalogue';
import type { CatalogueEntry } from './catalogue-entry';
import { MetadataCache } from './metadata-cache';
import type { MetadataOutput } from './metadata-reader';
import { PluginFiles, metadataOf } from './testing/plugin-files';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const PATIENCE_MS = 500;
/** All but those that patience is measured with. */
const REAL_TIMERS = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval'] as const),
];
const TIMED_OUT: MetadataOutput = { ok: false, reason: 'it did not end', timedOut: true };

/** A catalogue of files that answer when the test says so; those named `slow-…` wait for it. */
class Slow {
  readonly files = new PluginFiles(join(root(), 'plugins'), join(root(), 'runs'));
  readonly asked: string[] = [];
  readonly reports: string[] = [];
  private readonly waiting: ((output: MetadataOutput) => void)[] = [];
  readonly catalogue = new Catalogue({
    pluginsDir: this.files.directory,
    store: new BinaryStore(join(root(), 'data'), this.files.directory),
    cache: new MetadataCache(join(root(), 'data')),
    patience: { parallel: 2, patienceMs: PATIENCE_MS },
    readMetadata: (path) => this.read(path.split('/').at(-1) ?? ''),
    parseMetadata,
    reporter: {
      invalid: ({ file }) => this.reports.push(`invalid ${file}`),
      conflict: ({ loserFile }) => this.reports.push(`conflict ${loserFile}`),
      problem: (detail) => this.reports.push(detail),
    },
  });

  /** How many of them are being asked. */
  get pending(): number {
    return this.waiting.length;
  }

  answerAll(output: MetadataOutput): void {
    for (const answer of this.waiting.splice(0)) answer(output);
  }

  private read(name: string): Promise<MetadataOutput> {
    this.asked.push(name);
    if (name.startsWith('slow-')) return new Promise((resolve) => this.waiting.push(resolve));
    return Promise.resolve(good(name.replace('.binary', '')));
  }
}

function good(id: string): MetadataOutput {
  return { ok: true, output: Buffer.from(metadataOf(id)) };
}

describe('[ISO-4] a file that is slow to tell its metadata', () => {
  let slow: Slow;
  let published: Promise<void>;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: REAL_TIMERS });
    slow = new Slow();
    for (const name of ['slow-a', 'slow-b', 'slow-c', 'fast', 'quick']) await slow.files.printing(`${name}.binary`, metadataOf(name));
    published = new Promise((resolve) => {
      slow.catalogue.onChange(() => {
        resolve();
      });
    });
  });

  afterEach(() => jest.useRealTimers());

  /** Nobody loses patience before all others have answered, however busy the machine is. */
  async function losePatienceWith(...pending: readonly number[]): Promise<void> {
    for (const count of pending) {
      await whenPending(count);
      jest.advanceTimersByTime(PATIENCE_MS);
    }
  }

  const shown = (): string[] => slow.catalogue.list().map(({ kind, id }) => `${kind} ${id}`);

  it('does not delay the others: they are there while it is still being asked', async () => {
    const scan = slow.catalogue.scan();
    expect(slow.catalogue.wasRead).toBe(false);
    await losePatienceWith(2, 3);
    await published;
    expect(shown()).toEqual(['valid fast', 'valid quick']);
    expect([slow.pending, slow.catalogue.wasRead, slow.reports]).toEqual([3, true, []]);
    expect(slow.catalogue.isReading).toBe(true);
    slow.answerAll(TIMED_OUT);
    const { added } = await scan;
    expect(added).toHaveLength(5);
    expect(slow.catalogue.isReading).toBe(false);
    expect(shown().filter((line) => line.startsWith('invalid'))).toHaveLength(3);
  });

  it('[META-2] is not run again by a scan, until it has changed or somebody insists', async () => {
    const first = slow.catalogue.scan();
    await losePatienceWith(2, 3);
    await published;
    slow.answerAll(TIMED_OUT);
    await first;
    slow.asked.length = 0;
    await slow.catalogue.scan();
    expect(slow.asked).toEqual([]);
    expect(slow.reports).toHaveLength(3);

    await slow.files.printing('slow-b.binary', metadataOf('slow-b', { version: '2' }));
    const afterChange = slow.catalogue.scan();
    await whenPending(1);
    slow.answerAll(good('b'));
    await afterChange;
    expect(slow.asked).toEqual(['slow-b.binary']);
    expect(slow.catalogue.get('b')).toMatchObject({ kind: 'valid' });

    const insisting = slow.catalogue.scan({ insist: true });
    await whenPending(2);
    slow.answerAll(TIMED_OUT);
    await insisting;
    expect(slow.asked.slice(1).sort()).toEqual(['slow-a.binary', 'slow-c.binary']);
  });

  /** The plugin `mine` that the slow files turned out to be. */
  async function afterFirstScan(): Promise<CatalogueEntry> {
    const first = slow.catalogue.scan();
    await losePatienceWith(2, 3);
    await published;
    slow.answerAll(good('mine'));
    await first;
    return slow.catalogue.get('mine')!;
  }

  it('[ISO-5] keeps what it was, with its id and route, while its new content is being asked', async () => {
    const owner = await afterFirstScan();
    await slow.files.printing(owner.file, metadataOf('x', { version: '3' }));
    await slow.files.printing('another.binary', metadataOf('another'));
    const changed = new Promise<void>((resolve) => {
      slow.catalogue.onChange(() => {
        resolve();
      });
    });
    const second = slow.catalogue.scan();
    while (!slow.asked.includes('another.binary')) await new Promise((resolve) => setImmediate(resolve));
    await losePatienceWith(1);
    await changed;
    expect(slow.catalogue.get('mine')).toEqual(owner);
    expect(slow.catalogue.get('another')).toMatchObject({ kind: 'valid' });
    slow.answerAll(good('mine'));
    await second;
    expect(slow.catalogue.get('mine')).toMatchObject({ kind: 'valid', file: owner.file });
  });

  it('[SUP-8] keeps what it was when its new content takes too long, and takes that when it answers', async () => {
    const owner = await afterFirstScan();
    await slow.files.printing(owner.file, metadataOf('mine', { version: '2.0.0' }));
    const second = slow.catalogue.scan();
    await whenPending(1);
    slow.answerAll(TIMED_OUT);
    await second;
    const meanwhile = { ...owner, fileProblem: 'it did not end; it is asked again later' };
    expect(slow.catalogue.get('mine')).toEqual(meanwhile);
    await slow.catalogue.scan();
    expect(slow.catalogue.get('mine')).toEqual(meanwhile);
    expect(slow.reports.filter((report) => report === `invalid ${owner.file}`)).toHaveLength(1);

    const third = slow.catalogue.scan({ insist: true });
    await whenPending(1);
    slow.answerAll({ ok: true, output: Buffer.from(metadataOf('mine', { version: '2.0.0' })) });
    const { changed } = await third;
    expect(changed).toMatchObject([{ before: meanwhile, after: { kind: 'valid', metadata: { version: '2.0.0' } } }]);
    expect(slow.catalogue.get('mine')).toMatchObject({ fileProblem: undefined });
  });

  it('[SUP-8] does not delay what is told of another one that cannot be used any more, nor end that one', async () => {
    await afterFirstScan();
    const before = slow.catalogue.get('fast');
    await chmod(join(slow.files.directory, 'fast.binary'), 0o644);
    await slow.files.printing('slow-z.binary', metadataOf('slow-z'));
    const changed = new Promise<void>((resolve) => {
      slow.catalogue.onChange(() => {
        resolve();
      });
    });
    const second = slow.catalogue.scan();
    await losePatienceWith(1);
    await changed;
    expect(slow.catalogue.get('fast')).toEqual({ ...before, fileProblem: 'it is not executable: chmod +x' });
    slow.answerAll(good('z'));
    expect((await second).added).toMatchObject([{ id: 'z' }]);
  });

  async function whenPending(count: number): Promise<void> {
    while (slow.pending < count) await new Promise((resolve) => setImmediate(resolve));
  }
});
