import path from 'node:path';
import { CHECKS, DEFAULT_OPTIONS, ROUTES, runConformance, type CheckResult } from '../../apps/cli/src/conformance';
import { FAULTS_V1, FAULTS_V2, SHORT, type PlantedFault } from './faults';
import { inParallel } from './in-parallel';

const PLUGIN = path.resolve(import.meta.dirname, '../fixtures/conformance/plugin.cjs');
/** Most of them wait. */
const AT_ONCE = 6;
/** Faults that only time tells have options of their own; for all others this is no more than a safety net. */
const PATIENCE = {
  ...{ timeoutMs: 30_000, graceMs: 30_000, killDelayMs: 30_000, readyTimeoutMs: 60_000, metadataTimeoutMs: 60_000 },
};
const OPTIONS = { ...DEFAULT_OPTIONS, ...PATIENCE, executable: PLUGIN, routes: ROUTES, kvStore: true };
/** So long all of them together do not take, however busy the machine is. */
const ALL_TIMEOUT_MS = 900_000;

/** Where time tells, what is given to a process that starts on cores of its own, and then where many others want them. */
const TIMES = [1, 4, 16];

interface Caught {
  readonly result: CheckResult | undefined;
  /** Of the fault, with the milliseconds that it had. */
  readonly message: RegExp;
}

/** A busy machine that has not even started the plugin in the shortest time sees another fault: it gets a longer one. */
async function catches(protocol: 1 | 2, fault: PlantedFault): Promise<Caught> {
  let caught: Caught | undefined;
  for (const times of TIMES) {
    caught = await catchesWithin(protocol, fault, times);
    if (caught.result?.status !== 'passed' && caught.message.test(caught.result?.happened ?? '')) break;
  }
  return caught!;
}

async function catchesWithin(protocol: 1 | 2, fault: PlantedFault, times: number): Promise<Caught> {
  const env = { PROTOCOL: String(protocol), FAULT: fault.fault };
  const given = Object.entries(fault.options ?? {});
  const longer = given.map(([name, value]) => [name, typeof value === 'number' ? times * value : value]);
  const known = fault.check.startsWith('metadata/') ? {} : { known: { id: 'broken', protocol } };
  const chosen = { env, only: [fault.check], ...known };
  const options = { ...OPTIONS, ...chosen, ...(Object.fromEntries(longer) as PlantedFault['options']) };
  const { results } = await runConformance(options);
  const message = fault.message.source.replace(`${SHORT} ms`, `${times * SHORT} ms`);
  return { result: results.find(({ id }) => id === fault.check), message: new RegExp(message) };
}

describe.each([
  [1, FAULTS_V1],
  [2, FAULTS_V2],
] as const)('[PRO-6] a plugin of version %i', (protocol, faults) => {
  let caught: Map<PlantedFault, Caught>;

  beforeAll(async () => {
    caught = new Map(await inParallel(AT_ONCE, faults, async (each) => [each, await catches(protocol, each)] as const));
  }, ALL_TIMEOUT_MS);

  it(
    '[LANG-4] conforms without a fault, with nothing left out',
    async () => {
      const report = await runConformance({ ...OPTIONS, env: { PROTOCOL: String(protocol) } });

      expect(report.results.filter(({ status }) => status !== 'passed')).toEqual([]);
      expect(report.results.map(({ id }) => id)).toEqual(
        CHECKS.filter((check) => (check.protocol ?? protocol) === protocol).map(({ id }) => id),
      );
    },
    ALL_TIMEOUT_MS,
  );

  it.each(faults.map((each) => [each.fault, each.check, each] as const))(
    '[LANG-4] %s is caught by %s',
    (_, __, each) => {
      const { result, message } = caught.get(each)!;
      const { status, level, happened } = result!;

      expect({ status, happened }).toEqual({
        status: level === 'must' ? 'failed' : 'warned',
        happened: expect.stringMatching(message),
      });
    },
  );
});

it('[LANG-4] the planted faults prove every check', () => {
  const proven = new Set([...FAULTS_V1, ...FAULTS_V2].map(({ check }) => check));

  expect(CHECKS.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
});
