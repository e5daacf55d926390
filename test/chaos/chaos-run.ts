import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost, type TestHost } from '../support/host';
import { programsOf, spawnerOf } from '../support/own-processes';
import { act, resume } from './chaos-actions';
import { ChaosClient } from './chaos-client';
import { ChaosFiles, CHAOS_PLUGINS, type ChaosPlugin } from './chaos-plugins';
import { ChaosRecord } from './chaos-record';
import type { ChaosWorld } from './chaos-world';
import { Generations } from './generations';
import { footprintOf, leaks, probeSettings, SETTLED_HEAP_SLACK, type Footprint } from './host-footprint';
import { checkJournals, checkProcessLines, checkStored } from './journals';
import { Random } from './random';

const CLIENTS = 6;
/** How much longer it may go on for what has to happen, in milliseconds: only a slow machine needs any of it. */
const PATIENCE_MS = 45_000;
/** Between two looks at what the host holds, in milliseconds. */
const LOOK_MS = 30_000;
/** All that fills has filled by then, in milliseconds. */
const SETTLED_AFTER_MS = 60_000;
/** Between two actions, in milliseconds. */
const PAUSE = { least: 20, most: 200 };

/** Short times, so that much happens; patience for becoming ready, since the machine is busy. */
const SETTINGS = {
  ...{ TORU_WATCH_PLUGINS: 'true', TORU_SETTLE_MS: '50', TORU_UPDATE_DRAIN_MS: '1000' },
  ...{ TORU_HEALTH_INTERVAL_MS: '200', TORU_UNHEALTHY_AFTER_CHECKS: '2', TORU_RESTART_AFTER_CHECKS: '5' },
  ...{ TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '200', TORU_HEALTHY_AFTER_MS: '800' },
  ...{ TORU_MAX_CRASHES: '6', TORU_CRASH_WINDOW_MS: '5000', TORU_CRASH_WINDOW_LIMIT: '8' },
  ...{ TORU_QUARANTINE_MS: '300', TORU_QUARANTINE_MAX_MS: '1000', TORU_REQUEST_TIMEOUT_MS: '1500' },
  ...{ TORU_SHUTDOWN_GRACE_MS: '400', TORU_KILL_DELAY_MS: '200', TORU_LOG_FILES: '100' },
};

export interface ChaosOptions {
  readonly seed: number;
  /** It goes on until each of these was counted once, too. */
  readonly until?: readonly string[];
  /** How long the plugins are tormented, in milliseconds; what comes before and after is some seconds. */
  readonly forMs: number;
}

export interface ChaosResult {
  /** What broke, with the seed and the last actions; undefined for nothing. */
  readonly failure: string | undefined;
  /** How often what happened, for who wants to see that anything did. */
  readonly counts: ReadonlyMap<string, number>;
  readonly before: Footprint;
  /** While it went on, every half a minute. */
  readonly during: readonly Moment[];
  readonly after: Footprint;
}

export interface Moment {
  /** Since the beginning, in milliseconds. */
  readonly at: number;
  readonly footprint: Footprint;
  /** Open descriptors of the process that starts the plugins. */
  readonly spawnerDescriptors: number;
}

/** Torments a dozen plugins of one host for a while, and then looks whether everything that must hold does. */
export async function runChaos({ seed, forMs, until = [] }: ChaosOptions): Promise<ChaosResult> {
  const probe = `/tmp/toru-chaos-${process.pid}-${seed}.json`;
  // a connection that waits for its next request would be among what the host holds
  const headers = { connection: 'close' };
  const host = await startHost({ env: { ...SETTINGS, ...probeSettings(probe) }, headers });
  try {
    const record = new ChaosRecord(seed);
    const world: ChaosWorld = {
      ...{ host, record, files: new ChaosFiles(host), generations: new Generations(), stored: new Map() },
    };
    const born = identityOf(host);
    await settle(world);
    const before = await footprintOf(host, probe);
    const during = await watched(host, probe, torment(world, new Random(seed), { forMs, until }));
    await settle(world);
    const after = await untilNoMore(host, probe, before);
    const now = identityOf(host);
    if (now !== born) record.wrong(`the host was process ${born} and is ${now}`);
    const ready = await host.api('/health/ready', { as: 'nobody' });
    if (ready.status !== 200) record.wrong(`/health/ready answers ${ready.status}: ${await ready.text()}`);
    await checkProcesses(world);
    for (const leak of leaks(before, after)) record.wrong(`leaked: ${leak}`);
    for (const leak of slowLeaks(during, after)) record.wrong(`leaked: ${leak}`);
    await host.stop();
    for (const left of host.livingPlugins()) record.wrong(`process ${left} is left over`);
    const ids = CHAOS_PLUGINS.map(({ id }) => id);
    const { directories } = host;
    for (const problem of [
      ...checkJournals(directories, ids),
      ...checkProcessLines(directories, world.generations.all),
      ...checkStored(directories, world.stored),
    ]) {
      record.wrong(problem);
    }
    return { failure: record.failure(), counts: record.counts, before, during, after };
  } finally {
    await host.dispose();
    rmSync(probe, { force: true });
  }
}

async function torment(
  world: ChaosWorld,
  random: Random,
  { forMs, until }: Required<Pick<ChaosOptions, 'forMs' | 'until'>>,
): Promise<void> {
  const { host, record } = world;
  const ended = new AbortController();
  const cookie = await host.adminCookie();
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    new ChaosClient(`client-${index}`, world, cookie, random.fork()).run(ended.signal),
  );
  const acting = new Set<Promise<void>>();
  const begun = performance.now();
  const isOver = (): boolean => {
    const late = performance.now() - begun;
    return late >= forMs + PATIENCE_MS || (late >= forMs && until.every((what) => record.counts.has(what)));
  };
  while (!isOver()) {
    const action = act(world, CHAOS_PLUGINS, random).finally(() => acting.delete(action));
    acting.add(action);
    await delay(random.between(PAUSE.least, PAUSE.most));
  }
  for (const { id } of CHAOS_PLUGINS) resume(world, id);
  await Promise.all(acting);
  ended.abort();
  await Promise.all(clients);
}

/** What the host holds while something goes on. */
async function watched(host: TestHost, probe: string, going: Promise<void>): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  const begun = performance.now();
  const over = new AbortController();
  const looking = (async () => {
    while (await delay(LOOK_MS, true, { signal: over.signal }).catch(() => false)) {
      // a machine that stood still for a while has no figures for it
      const footprint = await footprintOf(host, probe).catch(() => undefined);
      if (footprint === undefined) continue;
      const spawner = spawnerOf(host.pid);
      const spawnerDescriptors = spawner === undefined ? 0 : readdirSync(`/proc/${spawner}/fd`).length;
      moments.push({ at: performance.now() - begun, footprint, spawnerDescriptors });
    }
  })();
  await going.finally(() => {
    over.abort();
  });
  await looking;
  return moments;
}

/** What goes on growing in a long run. */
function slowLeaks(during: readonly Moment[], after: Footprint): readonly string[] {
  const settled = during.find(({ at }) => at >= SETTLED_AFTER_MS);
  if (settled === undefined) return [];
  const { heapUsed } = settled.footprint;
  const problems =
    after.heapUsed > heapUsed + SETTLED_HEAP_SLACK ? [`heap, from ${heapUsed} to ${after.heapUsed}`] : [];
  const most = Math.max(...during.map(({ spawnerDescriptors }) => spawnerDescriptors));
  // six for each start that is under way
  if (most > settled.spawnerDescriptors + 6 * CHAOS_PLUGINS.length) problems.push(`${most} descriptors of the spawner`);
  return problems;
}

/** Brings every plugin to a version that serves, and asks each one once. */
async function settle(world: ChaosWorld): Promise<void> {
  const { host, files } = world;
  for (const plugin of CHAOS_PLUGINS) {
    resume(world, plugin.id);
    files.install(plugin, 'good');
  }
  await host.api('/api/plugins/rescan', { method: 'POST' });
  await Promise.all(CHAOS_PLUGINS.map((plugin) => settleOne(world, plugin)));
}

async function settleOne({ host, files, generations, record }: ChaosWorld, { id }: ChaosPlugin): Promise<void> {
  const version = files.versionOf(id);
  await host.waitFor(`${id} to be known`, async () => (await host.plugin(id)).version === version);
  await host.api(`/api/plugins/${id}/reset`, { method: 'POST' });
  await host.api(`/api/plugins/${id}/enable`, { method: 'POST' });
  await host.waitFor(`${id} to serve version ${version}`, async () => {
    const answer = await host.json<{ pid: number; born: number; version: string }>(`/plugins/${id}/pid/settled`);
    const wrong = generations.answered(id, answer, 0);
    if (wrong !== undefined) record.wrong(wrong);
    return answer.version === version && host.livingPluginsOf(id).length === (id === 'one-tribe' ? 2 : 1);
  });
}

/** What was busy a moment ago comes to rest in its own time; what stays is a leak. */
async function untilNoMore(host: TestHost, probe: string, before: Footprint): Promise<Footprint> {
  let after = await footprintOf(host, probe);
  await host
    .waitFor('the host to hold no more than before', async () => {
      after = await footprintOf(host, probe);
      return leaks(before, after).length === 0;
    })
    .catch(() => undefined);
  return after;
}

/** Who is on its way out has some time for it; who stays is too many. */
async function checkProcesses({ host, record }: ChaosWorld): Promise<void> {
  let wrong = '';
  const isRight = (): boolean => {
    const living = new Set(host.livingPlugins());
    const children = programsOf(host.pid);
    const zombies = children.filter((pid) => !living.has(pid));
    wrong = `the host has ${children.length} programs; no plugins are: ${zombies.join(', ') || 'none'}`;
    return zombies.length === 0 && children.length === CHAOS_PLUGINS.length;
  };
  await host.waitFor('no other processes', isRight).catch(() => {
    record.wrong(wrong);
  });
}

/** The seed of a run: one that is asked for, or any. */
export function chooseSeed(asked: string | undefined): number {
  return asked === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(asked);
}

/** The process that says of itself that it is the host, and its spawner, told from any others that may ever have their numbers. */
function identityOf({ directories }: TestHost): string {
  const { pid } = JSON.parse(readFileSync(path.join(directories.run, 'host.json'), 'utf8')) as { pid: number };
  return `${beginningOf(pid)}, with spawner ${beginningOf(spawnerOf(pid) ?? 0)}`;
}

function beginningOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // behind the name, which may hold anything: the state is field 3, the start time field 22
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${pid}, started at ${fields[19] ?? '?'}`;
  } catch {
    return `${pid}, gone`;
  }
}
