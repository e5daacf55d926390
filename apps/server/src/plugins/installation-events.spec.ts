import type { Catalogue, CatalogueListener } from './catalogue';
import type { CatalogueDiff, CatalogueEntry, ValidEntry } from './catalogue-entry';
import { InstallationEvents } from './installation-events';
import type { PluginsReporter } from './plugins-reporter';

const valid = (id: string): CatalogueEntry => ({ kind: 'valid', id }) as CatalogueEntry;
const invalid = (id: string): CatalogueEntry => ({ kind: 'invalid', id }) as CatalogueEntry;
/** The version before goes on. */
const unusable = (id: string): ValidEntry => ({ kind: 'valid', id, fileProblem: 'it is empty' }) as ValidEntry;
const NOTHING: CatalogueDiff = { added: [], changed: [], removed: [] };

describe('[OBS-3] InstallationEvents', () => {
  let told: string[];
  let change: (diff: Partial<CatalogueDiff>) => void;
  let endScan: (wasRead: boolean) => void;

  beforeEach(() => {
    told = [];
    let listener: CatalogueListener | undefined;
    let scanned = (): void => undefined;
    const catalogue = {
      wasRead: false,
      onChange: (callback: CatalogueListener) => (listener = callback),
      onScanned: (callback: () => void) => (scanned = callback),
    };
    const reporter = {
      installed: ({ id }: CatalogueEntry) => told.push(`installed ${id}`),
      removed: ({ id }: CatalogueEntry) => told.push(`removed ${id}`),
    };
    change = (diff) => void listener?.({ ...NOTHING, ...diff });
    endScan = (wasRead) => {
      catalogue.wasRead = wasRead;
      scanned();
    };
    new InstallationEvents(catalogue as unknown as Catalogue, reporter as unknown as PluginsReporter).onModuleInit();
  });

  it('what is there when the host starts is no news, whenever the directory can be read', () => {
    endScan(false);
    change({ added: [valid('acme')] });
    endScan(true);
    expect(told).toEqual([]);
    change({ added: [valid('other')] });
    expect(told).toEqual(['installed other']);
  });

  it('tells of files that go, whether they were valid or not, and then of those that come', () => {
    endScan(true);
    change({ added: [valid('a'), invalid('b')], removed: [valid('c'), invalid('d')] });
    expect(told).toEqual(['removed c', 'removed d', 'installed a']);
  });

  it('a file that is mended has come; another version of one, or one that breaks, has not', () => {
    endScan(true);
    change({
      changed: [
        { before: invalid('mended'), after: valid('mended') },
        { before: valid('updated'), after: valid('updated') },
        { before: valid('broken'), after: invalid('broken') },
        { before: invalid('worse'), after: invalid('worse') },
        { before: valid('replaced'), after: unusable('replaced') },
        { before: unusable('still'), after: { ...unusable('still'), fileProblem: 'it is a directory' } },
        { before: invalid('copied'), after: unusable('copied') },
        { before: unusable('right again'), after: valid('right again') },
      ],
    });
    expect(told).toEqual(['installed mended', 'installed right again']);
  });
});
