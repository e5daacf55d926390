import fc from 'fast-check';
import { formatCsv, parseCsv } from './csv';

describe('lists as CSV', () => {
  it('are read with commas, quotes and line ends inside of fields, and each row knows its line', () => {
    const text = '\ufeffinstance_id, note \r\na,"x, ""y""\nz"\r\n\r\nb,\n\n"",q';

    expect(parseCsv(text)).toEqual({
      header: ['instance_id', 'note'],
      rows: [
        { line: 2, cells: ['a', 'x, "y"\nz'] },
        { line: 5, cells: ['b', ''] },
        { line: 7, cells: ['', 'q'] },
      ],
    });
  });

  it.each([
    ['', 'the file is empty'],
    ['a,b\n', 'no row'],
    ['a,a\n1,2', 'line 1: there are two columns "a"'],
    ['a,b\n1,2\n1', 'line 3: 1 fields, and there are 2 columns'],
    ['a,b\n\n1,2,3', 'line 3: 3 fields'],
    ['a,b\n1,"2\n', 'line 2: a double quote that nothing closes'],
    ['a,b\n1,2"3"', 'line 2: a double quote within a field'],
    ['a,b\n1,"2"3', 'line 2: something between a closing double quote'],
    ['a,b\n"1\n\n"x,2', 'line 4: something between'],
  ])('%j is refused: %s', (text, problem) => {
    expect(() => parseCsv(text)).toThrow(problem);
  });

  it('come back as they were written, whatever is in the fields', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, (table) => {
        const text = formatCsv([['a', 'b'], ...table]);

        expect(parseCsv(text).rows.map(({ cells }) => cells)).toEqual(table);
      }),
    );
  });
});
