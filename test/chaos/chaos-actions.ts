import { setTimeout as delay } from 'node:timers/promises';
import type { ProblemDetails } from '@toru/contracts';
import type { ChaosPlugin, Fate } from './chaos-plugins';
import type { ChaosWorld } from './chaos-world';
import type { Random } from './random';

/** What an action may be answered with beside 200. */
const FORESEEN: readonly string[] = [
  ...['plugin_start_failed', 'conflict', 'plugin_disabled', 'plugin_error', 'plugin_unavailable', 'plugin_busy'],
  ...['route_quarantined', 'plugin_timeout'],
];

interface Action {
  readonly name: string;
  readonly weight: number;
  /** Returns what it did, for the record. Draws from `random` before it waits for anything. */
  do(world: ChaosWorld, plugin: ChaosPlugin, random: Random): string | Promise<string>;
}

const ACTIONS: readonly Action[] = [
  { name: 'kill', weight: 6, do: (world, { id }, random) => signal(world, id, random, 'SIGKILL') },
  { name: 'stop for good', weight: 1, do: (world, { id }, random) => signal(world, id, random, 'SIGSTOP') },
  {
    name: 'stop for a while',
    weight: 3,
    do: async (world, { id }, random) => {
      const ms = random.between(20, 1200);
      const done = signal(world, id, random, 'SIGSTOP');
      await delay(ms);
      resume(world, id);
      return `${done} for ${ms} ms`;
    },
  },
  { name: 'crash', weight: 2, do: (world, { id }) => ask(world, `/plugins/${id}/chaos/crash`) },
  { name: 'flood', weight: 2, do: (world, { id }) => ask(world, `/plugins/${id}/chaos/flood`) },
  {
    name: 'nonsense',
    weight: 2,
    do: (world, { id, protocol }, random) => {
      const what = random.pick(['garbage', 'truncated', 'length-max', 'close', 'hang']);
      return ask(world, `/plugins/${id}/chaos/${protocol === 1 ? what : 'hang'}`);
    },
  },
  { name: 'update', weight: 5, do: (world, plugin) => install(world, plugin, 'good') },
  { name: 'broken update', weight: 1, do: (world, plugin) => install(world, plugin, 'broken') },
  { name: 'fleeting update', weight: 1, do: (world, plugin) => install(world, plugin, 'fleeting') },
  { name: 'disable', weight: 1, do: (world, { id }) => ask(world, `/api/plugins/${id}/disable`) },
  { name: 'enable', weight: 7, do: (world, { id }) => ask(world, `/api/plugins/${id}/enable`) },
  { name: 'restart', weight: 2, do: (world, { id }) => ask(world, `/api/plugins/${id}/restart`) },
  { name: 'reset', weight: 2, do: (world, { id }) => ask(world, `/api/plugins/${id}/reset`) },
  { name: 'roll back', weight: 2, do: (world, { id }) => ask(world, `/api/plugins/${id}/rollback`, {}) },
  { name: 'rescan', weight: 1, do: (world) => ask(world, '/api/plugins/rescan') },
];

/** Begins one action on one plugin; resolves when it has come to its end, which may be long after. */
export async function act(world: ChaosWorld, plugins: readonly ChaosPlugin[], random: Random): Promise<void> {
  const plugin = random.pick(plugins);
  const action = random.pickWeighted(ACTIONS);
  const own = random.fork();
  world.record.did(`${action.name} ${plugin.id}`);
  try {
    const result = await action.do(world, plugin, own);
    world.record.did(`  ${action.name} ${plugin.id}: ${result}`);
    world.record.count(`action ${action.name}`);
  } catch (error) {
    world.record.wrong(`${action.name} ${plugin.id}: ${error instanceof Error ? error.message : 'no Error'}`);
  }
}

/** Lets every process of a plugin go on. */
export function resume({ host }: ChaosWorld, id: string): void {
  for (const pid of host.livingPluginsOf(id)) send(pid, 'SIGCONT');
}

/** To any of its processes: the one that serves, one that gets ready or drains, or a grandchild. */
function signal({ host }: ChaosWorld, id: string, random: Random, name: NodeJS.Signals): string {
  const draw = random.next();
  const pids = host.livingPluginsOf(id);
  const pid = pids[Math.floor(draw * pids.length)];
  if (pid === undefined) return 'nobody lives';
  send(pid, name);
  return `${name} to ${pid}, one of ${pids.length}`;
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}

function install({ files }: ChaosWorld, plugin: ChaosPlugin, fate: Fate): string {
  return files.install(plugin, fate);
}

async function ask({ host, record }: ChaosWorld, path: string, json?: object): Promise<string> {
  const response = await host.api(path, { method: 'POST', ...(json && { json }) });
  const text = await response.text();
  if (response.status === 200) return '200';
  const { code } = JSON.parse(text) as ProblemDetails;
  if (!FORESEEN.includes(code)) record.wrong(`${path} answered ${response.status}: ${text}`);
  return code;
}
