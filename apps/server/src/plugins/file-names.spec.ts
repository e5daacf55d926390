import fc from 'fast-check';
import { anyCharacter } from '@toru/testing';
import { displayName, idFromFileName } from './file-names';

describe('idFromFileName', () => {
  it.each([
    ['Acme_Tool 2.binary', 'acme-tool-2'],
    ['--x--.binary', 'x'],
    ['__proto__.binary', 'proto'],
  ])('[ISO-4] %s reads %s', (name, id) => {
    expect(idFromFileName(name, new Set())).toBe(id);
  });

  it.each(['constructor.binary', 'rescan.binary', '🧩.binary'])('[ISO-5] (faults 5) %s gets a hash', (name) => {
    expect(idFromFileName(name, new Set())).toMatch(/^[a-z]+-[0-9a-f]{8}$/);
  });

  it('[ISO-4] (faults 5) any names give ids in their alphabet, all different', () => {
    const names = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('a', 'A', '-', '.') }));
    fc.assert(
      fc.property(fc.array(names), (list) => {
        const taken = new Set<string>();
        for (const name of list) {
          const id = idFromFileName(`${name}.binary`, taken);
          expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
          expect(taken).not.toContain(id);
          taken.add(id);
        }
      }),
    );
  });
});

describe('displayName', () => {
  it('[ISO-4] no name can forge a line or turn the direction of text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter(fc) }), (name) => {
        expect(displayName(name)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(displayName('Žluťoučký 🧩.binary')).toBe('Žluťoučký 🧩.binary');
  });
});
