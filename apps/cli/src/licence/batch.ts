import type { IssueResult, LicenceForm, LicenceTerms } from '@toru/licensing';
import { formatCsv, type CsvRow, type CsvTable } from './csv';
import type { LicenceOrder } from './issuer';

interface Issued {
  readonly line: number;
  readonly key: string;
  readonly terms: LicenceTerms;
}

/** Every row has a key, or none has: a vendor never has to find out which rows of a list were answered. */
export type BatchResult =
  | { readonly ok: true; readonly issued: readonly Issued[] }
  /** The first of them, with their lines. */
  | { readonly ok: false; readonly problems: readonly string[]; readonly more: number };

interface BatchOptions {
  /** What holds for rows whose cell is empty. */
  readonly defaults: LicenceOrder;
  readonly issue: (order: LicenceOrder) => IssueResult;
  /** Called after each 10,000 rows. */
  readonly onProgress: (done: number, of: number) => void;
}

const PROGRESS_ROWS = 10_000;
const MOST_PROBLEMS = 10;

/** The columns that say what is in a key; all others are the vendor's own. */
const COLUMNS: Readonly<Record<string, Exclude<keyof LicenceOrder, 'features'>>> = {
  instance_id: 'instance',
  instance: 'instance',
  expiry: 'expires',
  expires: 'expires',
  plugin: 'plugin',
  customer: 'customer',
  id: 'id',
  issued: 'issued',
  updates_until: 'updatesUntil',
};
const FEATURES = 'features';
/** What is put behind the columns of the file. */
const KEY_COLUMN = 'licence_key';
const ID_COLUMN = 'licence_id';

/** What makes it unclear what a column says: two that say the same, or one that is put behind the others. */
export function unclearColumns({ header }: CsvTable): string | undefined {
  const added = header.find((name) => name === KEY_COLUMN || name === ID_COLUMN);
  if (added !== undefined) return `there is a column "${added}" already: take it out, since the answer adds one`;
  const members = header.map((name) => (Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined));
  const at = members.findIndex((member, index) => member !== undefined && members.indexOf(member) !== index);
  if (at < 0) return undefined;
  return `the columns "${header[members.indexOf(members[at])]}" and "${header[at]}" say the same thing: leave one of them out`;
}

export function issueBatch({ header, rows }: CsvTable, { defaults, issue, onProgress }: BatchOptions): BatchResult {
  const issued: Issued[] = [];
  const problems: string[] = [];
  for (const [at, row] of rows.entries()) {
    const result = issue({ ...defaults, ...orderOf(header, row) });
    if (result.ok) issued.push({ line: row.line, key: result.key, terms: result.terms });
    else problems.push(`line ${row.line}: ${result.field} ${result.message}`);
    if ((at + 1) % PROGRESS_ROWS === 0) onProgress(at + 1, rows.length);
  }
  if (problems.length === 0) return { ok: true, issued };
  const shown = problems.slice(0, MOST_PROBLEMS);
  return { ok: false, problems: shown, more: problems.length - shown.length };
}

/** The table as it came, with the key of each row behind it, and in the second form the licence's id. */
export function batchCsv({ header, rows }: CsvTable, issued: readonly Issued[]): string {
  const withIds = issued.some(({ terms }) => terms.form === 'ed25519') && !header.includes('id');
  return formatCsv([
    [...header, ...(withIds ? [ID_COLUMN] : []), KEY_COLUMN],
    ...rows.map(({ cells }, at) => [...cells, ...(withIds ? [issued[at]?.terms.id ?? ''] : []), issued[at]?.key ?? '']),
  ]);
}

/** The columns of a table which have no part in keys of a form. */
export function unusedColumns({ header }: CsvTable, form: LicenceForm): readonly string[] {
  const used = (name: string): boolean => {
    const member = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (form === 'hmac') return member === 'instance' || member === 'expires';
    return member !== undefined || name === FEATURES;
  };
  return header.filter((name) => !used(name));
}

/** An empty cell says nothing. */
function orderOf(header: readonly string[], { cells }: CsvRow): LicenceOrder {
  const order: { -readonly [name in keyof LicenceOrder]: LicenceOrder[name] } = {};
  for (const [at, name] of header.entries()) {
    const cell = (cells[at] ?? '').trim();
    if (cell === '') continue;
    if (name === FEATURES) order.features = cell.split(/[\s;]+/);
    const member = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (member !== undefined) order[member] = cell;
  }
  return order;
}
