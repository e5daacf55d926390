import path from 'node:path';
import { CHECKS, DEFAULT_OPTIONS, ROUTES, runConformance, type CheckResult } from '../../apps/cli/src/conformance';
import { FAULTS_V1, FAULTS_V2, type PlantedFault } from './faults';
import { inParallel } from './in-parallel';

const PLUGIN = path.resolve(import.meta.dirname, '../fixtures/conformance/plugin.cjs');
/** Most of them wait. */
const AT_ONCE = 6;
/** Faults that only time tells have options of their own; for all others this is no more than a safety net. */
const OPTIONS = { ...DEFAULT_OPTIONS, executable: PLUGIN, routes: ROUTES, kvStore: true, timeoutMs: 10_000 };

async function catches(protocol: 1 | 2, { fault, check, options }: PlantedFault): Promise<CheckResult | undefined> {
  const env = { PROTOCOL: String(protocol), FAULT: fault };
  const { results } = await runConformance({ ...OPTIONS, env, only: [check], ...options });
  return results.find(({ id }) => id === check);
}

describe.each([
  [1, FAULTS_V1],
  [2, FAULTS_V2],
] as const)('[PRO-6] a plugin of version %i', (protocol, faults) => {
  let caught: Map<PlantedFault, CheckResult | undefined>;

  beforeAll(async () => {
    caught = new Map(await inParallel(AT_ONCE, faults, async (each) => [each, await catches(protocol, each)] as const));
  }, 120_000);

  it('[LANG-4] conforms without a fault, with nothing left out', async () => {
    const report = await runConformance({ ...OPTIONS, env: { PROTOCOL: String(protocol) } });

    expect(report.results.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(report.results.map(({ id }) => id)).toEqual(
      CHECKS.filter((check) => (check.protocol ?? protocol) === protocol).map(({ id }) => id),
    );
  }, 60_000);

  it.each(faults.map((each) => [each.fault, each.check, each] as const))(
    '[LANG-4] %s is caught by %s',
    (_, __, each) => {
      const { status, level, happened } = caught.get(each)!;

      expect({ status, happened }).toEqual({
        status: level === 'must' ? 'failed' : 'warned',
        happened: expect.stringMatching(each.message),
      });
    },
  );
});

it('[LANG-4] the planted faults prove every check', () => {
  const proven = new Set([...FAULTS_V1, ...FAULTS_V2].map(({ check }) => check));

  expect(CHECKS.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
});
