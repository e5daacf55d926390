import { generatedSection, markdownTable } from '@toru/testing';
import { SETTINGS } from './settings';

describe('docs/settings.md', () => {
  it('lists every setting as the host reads it (UPDATE_DOCS=1 writes the table anew)', () => {
    const rows = Object.values(SETTINGS).map(({ name, shown, unit, meaning }) => [
      `\`${name}\``,
      shown,
      unit ?? '',
      `${meaning}.`,
    ]);
    const table = markdownTable([['Name', 'Default', 'Unit', 'Meaning'], ...rows]);

    expect(generatedSection('docs/settings.md', 'settings', table)).toBe(table);
  });
});
