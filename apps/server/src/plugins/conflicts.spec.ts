import type { PluginMetadata } from '@toru/contracts';
import fc from 'fast-check';
import { resolveConflicts, type ExaminedFile } from './conflicts';
import type { Incumbent } from './metadata-cache';

function file(name: string, id: string, route = `/${id.toLowerCase()}`): ExaminedFile {
  const metadata: PluginMetadata = {
    ...{ id, route, name: id, version: '1.0.0', icon: 'x', protocol: 1, public_paths: [], license: 'none' },
  };
  return { ok: true, name, file: name, metadata, stored: { digest: 'd', path: `/copies/${name}` } };
}

function broken(name: string): ExaminedFile {
  return { ok: false, name, file: name, reason: 'it is not executable' };
}

function outcome(files: readonly ExaminedFile[], incumbents: readonly Incumbent[] = []): string[] {
  const { entries } = resolveConflicts(files, incumbents);
  return [...entries].map(([key, entry]) => `${key} ${entry.kind} ${entry.file}`);
}

describe('resolveConflicts', () => {
  it('[ISO-5] (faults 5) the smallest file name wins an id, compared without case', () => {
    const files = [file('a.binary', 'Acme'), file('b.binary', 'acme', '/other')];
    const { entries, conflicts } = resolveConflicts(files, []);
    expect(outcome(files)).toEqual(['acme valid a.binary', 'b invalid b.binary']);
    expect(entries.get('b')).toMatchObject({
      reason: 'its id acme belongs to a.binary already: remove one of the two',
    });
    expect(conflicts).toEqual([
      { winner: 'Acme', winnerFile: 'a.binary', loserFile: 'b.binary', what: 'id', value: 'acme' },
    ]);
  });

  it('[ISO-5] (faults 5) the same for routes', () => {
    const { entries, conflicts } = resolveConflicts([file('a.binary', 'x'), file('b.binary', 'y', '/X')], []);
    expect(entries.get('x')).toMatchObject({ kind: 'valid' });
    expect(entries.get('b')).toMatchObject({
      kind: 'invalid',
      reason: 'its route /X belongs to a.binary already: remove one of the two',
    });
    expect(conflicts).toMatchObject([{ what: 'route', value: '/X', winner: 'x' }]);
  });

  it('[ISO-5] whoever had the id before keeps it, whatever the names', () => {
    const files = [file('a.binary', 'acme'), file('z.binary', 'acme')];
    expect(outcome(files, [{ name: 'z.binary', id: 'acme', route: '/acme' }])).toEqual([
      'a invalid a.binary',
      'acme valid z.binary',
    ]);
  });

  it('[ISO-5] a plugin that changes its id gets no right from the old one', () => {
    const files = [file('a.binary', 'y'), file('b.binary', 'y')];
    const before = [
      { name: 'a.binary', id: 'x', route: '/x' },
      { name: 'b.binary', id: 'y', route: '/y' },
    ];
    expect(outcome(files, before)).toEqual(['a invalid a.binary', 'y valid b.binary']);
  });

  it('[ISO-5] a file that cannot be read for the moment keeps its id: nobody gets hold of its data', () => {
    const before = [{ name: 'z.binary', id: 'acme', route: '/acme' }];
    const { accepted } = resolveConflicts([broken('z.binary')], before);
    expect(accepted).toEqual(before);
    expect(outcome([file('a.binary', 'acme'), broken('z.binary')], before)).toEqual([
      'a invalid a.binary',
      'acme invalid z.binary',
    ]);
    expect(outcome([file('a.binary', 'acme')], before)).toEqual(['acme valid a.binary']);
  });

  it('[ISO-4] an invalid file never takes the id of a valid one, even when its name reads like it', () => {
    expect(outcome([broken('acme.binary'), file('x.binary', 'acme')])).toEqual([
      expect.stringMatching(/^acme-[0-9a-f]{8} invalid acme.binary$/) as string,
      'acme valid x.binary',
    ]);
  });

  it('[ISO-5] (faults 5) every file has one entry, every id and route one owner, whatever is there', () => {
    const names = fc.constantFrom('a', 'B', 'c', 'a-b', 'ab');
    const examined = fc
      .uniqueArray(fc.record({ name: fc.string({ minLength: 1, maxLength: 3 }), id: fc.option(names), route: names }), {
        selector: (f) => f.name,
      })
      .map((list) => list.map((f) => (f.id === null ? broken(f.name) : file(f.name, f.id, `/${f.route}`))));
    fc.assert(
      fc.property(examined, examined, (first, second) => {
        const { accepted } = resolveConflicts(first, []);
        const { entries, conflicts } = resolveConflicts(second, accepted);
        const valid = [...entries.values()].filter((entry) => entry.kind === 'valid');
        expect([...entries.values()].map((e) => e.file).sort()).toEqual(second.map((f) => f.file).sort());
        expect(new Set(valid.map((e) => e.id.toLowerCase())).size).toBe(valid.length);
        expect(new Set(valid.map((e) => e.metadata.route.toLowerCase())).size).toBe(valid.length);
        expect(valid.length + conflicts.length).toBe(second.filter((f) => f.ok).length);
      }),
    );
  });
});
