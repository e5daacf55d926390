import { generateSigningKey, inspectLicence } from '@toru/licensing';
import { batchCsv, issueBatch, unclearColumns, unusedColumns } from './batch';
import { parseCsv, type CsvTable } from './csv';
import { issueOrder, type IssuingMaterial, type LicenceOrder } from './issuer';

const INSTANCES = ['3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58', '9a4d6c1e-0b7f-4e25-8d3a-15c2f6b8e047'] as const;
const HMAC: IssuingMaterial = { form: 'hmac', secret: 'test secret' };
const ED25519: IssuingMaterial = { form: 'ed25519', signingKey: generateSigningKey() };
const now = new Date('2026-11-21T12:00:00Z');

const run = (table: CsvTable, material: IssuingMaterial, defaults: LicenceOrder = {}, done: number[] = []) =>
  issueBatch(table, {
    defaults,
    issue: (order) => issueOrder(material, order, { now, names: { instance: 'instance_id' } }),
    onProgress: (rows) => void done.push(rows),
  });

describe('keys for a list of customers', () => {
  it('[LIC-4] [LIC-6] are made with what each row says, and with the options where it says nothing', () => {
    const table = parseCsv(
      `customer,instance_id,expires,features,updates_until,note\n` +
        `Žofie,${INSTANCES[0]},2027-06-30,reports;x y,2028-01-01,"a, b"\nBob,${INSTANCES[1]},,,,\n`,
    );
    const result = run(table, ED25519, { plugin: 'acme', expires: 'never', features: ['base'] });
    const issued = result.ok ? result.issued : [];

    expect(issued.map(({ terms }) => terms)).toEqual([
      expect.objectContaining({
        ...{ customer: 'Žofie', instanceId: INSTANCES[0], plugin: 'acme', expires: '2027-06-30' },
        ...{ features: ['reports', 'x', 'y'], updatesUntil: '2028-01-01', issued: '2026-11-21' },
      }),
      expect.objectContaining({ customer: 'Bob', expires: null, features: ['base'], updatesUntil: null }),
    ]);
    const back = parseCsv(batchCsv(table, issued));
    expect(back.header).toEqual([...table.header, 'licence_id', 'licence_key']);
    expect(back.rows.map(({ cells }) => cells.slice(0, 6))).toEqual(table.rows.map(({ cells }) => cells));
    for (const [at, { cells }] of back.rows.entries()) {
      expect(inspectLicence(cells[7]!)).toMatchObject({ ok: true, terms: { id: cells[6], instanceId: INSTANCES[at] } });
    }
  });

  it('[LIC-4] are not made at all where one row is wrong; each wrong row is named by its line', () => {
    const rows = Array.from({ length: 14 }, (_, at) => `${INSTANCES[0]},${at < 2 ? 'never' : '2026-02-30'}`);
    const result = run(parseCsv(`instance_id,expiry\n${rows.join('\n')}\nx,never\n`), HMAC);

    expect(result).toMatchObject({ ok: false, more: 3 });
    expect(!result.ok && result.problems).toHaveLength(10);
    expect(!result.ok && result.problems[0]).toBe('line 4: expires is a date that exists, as YYYY-MM-DD');
  });

  it('[LIC-4] tell how far they are after each 10,000 rows', () => {
    const rows = Array.from({ length: 20_001 }, () => `${INSTANCES[0]},never\n`).join('');
    const done: number[] = [];

    expect(run(parseCsv(`instance_id,expiry\n${rows}`), HMAC, {}, done).ok).toBe(true);
    expect(done).toEqual([10_000, 20_000]);
  });

  it.each([
    ['instance_id,instance', 'the columns "instance_id" and "instance" say the same thing: leave one of them out'],
    ['id,expiry,expires', 'the columns "expiry" and "expires" say the same thing: leave one of them out'],
    [
      'instance_id,licence_id,licence_key',
      'there is a column "licence_id" already: take it out, since the answer adds one',
    ],
    ['instance_id,expires,id,toString,constructor', undefined],
  ])('[LIC-4] are not made where it is unclear what a column says: %s', (header, problem) => {
    expect(unclearColumns(parseCsv(`${header}\n${header}\n`))).toBe(problem);
  });

  it('know which columns they do not use', () => {
    const table = parseCsv('instance_id,expires,customer,update_until,toString\n1,2,3,4,5\n');

    expect(unusedColumns(table, 'hmac')).toEqual(['customer', 'update_until', 'toString']);
    expect(unusedColumns(table, 'ed25519')).toEqual(['update_until', 'toString']);
  });
});
