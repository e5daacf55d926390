import type { KvAnswerV2, KvItemV2, KvListAnswerV2, KvListV2, KvOperationV2, KvRequestV2 } from '@toru/contracts';
import { FakeClock } from '@toru/testing';
import fc from 'fast-check';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { KvSweeper } from './kv-sweeper';
import { KvService } from './kv.service';
import { openKvStore } from './open-kv-store';
import { KvModel } from './testing/kv-model';

const QUOTA_BYTES = 60;

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const keys = fc.constantFrom(
  'a',
  'ab',
  'abc',
  'b',
  'é',
  'e\u0301',
  '\ud83e\udde9',
  '\ufffd',
  'a\u{10ffff}',
  'a\u{10ffff}b',
  '\ud7ff',
  '%',
  'A',
);
const values = fc.oneof(
  fc.constantFrom('', 'x', 'ä€', '\u0001', "'"),
  fc.nat({ max: 40 }).map((n) => 'v'.repeat(n)),
);
const optional = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(fc.constant({}), fc.constant({}), arbitrary);
// revisions are guessed from the small numbers that a short run gives: some of them are right
const ifRevision = optional(fc.nat({ max: 12 }).map((n) => ({ if_revision: n })));
const ttl = optional(fc.integer({ min: 1, max: 30 }).map((n) => ({ ttl_ms: n })));

const operation: fc.Arbitrary<KvOperationV2> = fc.oneof(
  fc.record({ action: fc.constant('get' as const), key: keys }),
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.record({ action: fc.constant('set' as const), key: keys, value: values }), ttl, ifRevision)
      .map(([set, a, b]) => ({ ...set, ...a, ...b })),
  },
  fc
    .tuple(fc.record({ action: fc.constant('delete' as const), key: keys }), ifRevision)
    .map(([del, a]) => ({ ...del, ...a })),
);
const request: fc.Arbitrary<KvRequestV2> = fc.oneof(
  { weight: 6, arbitrary: operation },
  fc.record({ action: fc.constant('batch' as const), operations: fc.array(operation, { maxLength: 6 }) }),
  fc.record({
    action: fc.constant('list' as const),
    prefix: fc.oneof(fc.constant(''), keys),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
);
type Step = { readonly request: KvRequestV2 } | { readonly wait: number } | 'sweep';
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: request.map((each): Step => ({ request: each })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }).map((wait): Step => ({ wait })) },
    fc.constant<Step>('sweep'),
  ),
  { maxLength: 40 },
);

/** All pages of a list, one after the other. */
async function wholeList(kv: KvService, plugin: string, list: KvListV2): Promise<KvListAnswerV2> {
  const items: KvItemV2[] = [];
  let cursor: string | null = null;
  do {
    const page = (await kv.perform(plugin, { ...list, ...(cursor === null ? {} : { cursor }) })) as KvListAnswerV2;
    expect(page.items.length).toBeLessThanOrEqual(list.limit ?? Infinity);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null);
  return { items, cursor };
}

describe('KvService, on this database', () => {
  it('[KV-6] does what a simple model does, whatever is asked in whatever order and time', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const plugin = `model-${(run += 1)}`;
        const clock = new FakeClock();
        const store = openKvStore(database.dataSource, QUOTA_BYTES);
        const kv = new KvService(store, clock);
        const sweeper = new KvSweeper(store, clock);
        const model = new KvModel(QUOTA_BYTES);
        for (const step of script) {
          if (step === 'sweep') await sweeper.sweep();
          else if ('wait' in step) clock.advance(step.wait);
          else {
            const asked = step.request;
            const answer: KvAnswerV2 =
              asked.action === 'list' ? await wholeList(kv, plugin, asked) : await kv.perform(plugin, asked);
            const expected = model.perform(asked, clock.now(), answer);
            expect('error' in answer ? answer.error.code : answer).toEqual(expected);
          }
        }
        expect(model.bytes).toBeLessThanOrEqual(QUOTA_BYTES);
        await sweeper.sweep();
        const usage: unknown = await database.dataSource.query(
          `SELECT CAST(bytes AS integer) AS bytes FROM plugin_kv_usage WHERE plugin_id = '${plugin}'`,
        );
        model.perform({ action: 'list' }, clock.now(), { items: [], cursor: null });
        expect([{ bytes: 0 }, ...(usage as object[])].at(-1)).toEqual({ bytes: model.bytes });
        // the sweeper visits every plugin: the next run has one only
        for (const table of ['plugin_kv', 'plugin_kv_usage']) await database.dataSource.query(`DELETE FROM ${table}`);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
