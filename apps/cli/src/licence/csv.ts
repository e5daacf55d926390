import { UsageError } from '../cli-error';

export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** RFC 4180: commas, fields in double quotes where need be. Empty lines are left out. Throws `UsageError` with the line. */
export function parseCsv(text: string): CsvTable {
  const [header, ...rows] = new CsvReader(text.replace(/^\ufeff/, '')).read();
  if (header === undefined) throw new UsageError('the file is empty: its first line has the names of the columns');
  if (rows.length === 0) throw new UsageError('the file has the names of the columns and no row');
  const names = header.cells.map((name) => name.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`line ${header.line}: there are two columns "${twice}"`);
  const uneven = rows.find(({ cells }) => cells.length !== names.length);
  if (uneven) {
    throw new UsageError(
      `line ${uneven.line}: ${uneven.cells.length} fields, and there are ${names.length} columns; a field with a comma in it stands in double quotes`,
    );
  }
  return { header: names, rows };
}

export function formatCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
}

class CsvReader {
  #at = 0;
  #line = 1;

  constructor(private readonly text: string) {}

  read(): CsvRow[] {
    const rows: CsvRow[] = [];
    while (this.#at < this.text.length) {
      const line = this.#line;
      const cells = this.#row();
      if (cells.length > 1 || cells[0] !== '') rows.push({ line, cells });
    }
    return rows;
  }

  #row(): string[] {
    const cells = [this.#cell()];
    while (this.text[this.#at] === ',') {
      this.#at++;
      cells.push(this.#cell());
    }
    if (this.text[this.#at] === '\r') this.#at++;
    this.#at++;
    this.#line++;
    return cells;
  }

  #cell(): string {
    if (this.text[this.#at] === '"') return this.#quoted();
    const end = /[,\n]|\r\n|$/g;
    end.lastIndex = this.#at;
    const { index } = end.exec(this.text) ?? { index: this.text.length };
    const cell = this.text.slice(this.#at, index);
    if (cell.includes('"'))
      throw new UsageError(`line ${this.#line}: a double quote within a field that does not begin with one`);
    this.#at = index;
    return cell;
  }

  #quoted(): string {
    const line = this.#line;
    let cell = '';
    for (;;) {
      const end = this.text.indexOf('"', this.#at + 1);
      if (end < 0) throw new UsageError(`line ${line}: a double quote that nothing closes`);
      const part = this.text.slice(this.#at + 1, end);
      this.#line += part.split('\n').length - 1;
      cell += part;
      this.#at = end + 1;
      if (this.text[this.#at] !== '"') break;
      cell += '"';
    }
    if (!/^(,|\r?\n|$)/.test(this.text.slice(this.#at, this.#at + 2))) {
      throw new UsageError(`line ${this.#line}: something between a closing double quote and the next comma`);
    }
    return cell;
  }
}
