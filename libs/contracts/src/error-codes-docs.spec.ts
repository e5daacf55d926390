import { generatedSection, markdownTable } from '@toru/testing';
import { ERRORS } from './error-codes';

describe('docs/rest-api.md', () => {
  it('[API-6] lists every problem code with its status (UPDATE_DOCS=1 writes the table anew)', () => {
    const rows = Object.entries(ERRORS).map(([code, { status, title }]) => [`\`${code}\``, String(status), title]);
    const table = markdownTable([['Code', 'Status', 'Title'], ...rows]);

    expect(generatedSection('docs/rest-api.md', 'problem codes', table)).toBe(table);
  });
});
