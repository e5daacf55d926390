import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../error-code';
import {
  CONTROLLERS,
  controllersIn,
  isCgroup2,
  pidsIn,
  tryCgroupFile,
  writeCgroupFile,
  type Controller,
} from './cgroup-files';
import { findDelegated, type Delegated } from './delegation';
import { ownCgroup } from './own-cgroup';

/** A cgroup below which the host makes one for each plugin. */
export interface CgroupTree {
  readonly directory: string;
  /** Those that are enabled for what is below it. */
  readonly controllers: ReadonlySet<Controller>;
}

/** What was found at the start, in one sentence for the log, and what is used of it. */
export interface CgroupFindings {
  readonly tree: CgroupTree | undefined;
  readonly message: string;
}

/** What of the machine is looked at; a test puts a directory of its own in its place. */
export interface CgroupWorld {
  readonly proc: string;
  readonly pid: number;
  readonly uid: number;
  readonly isCgroup: (directory: string) => boolean;
  readonly findDelegated: typeof findDelegated;
}

/** The cgroup that the host itself moves to: a cgroup that hands controllers down must hold no process (cgroup-v2.rst). */
const HOST_LEAF = 'host';

const THIS_MACHINE: CgroupWorld = {
  proc: '/proc/self',
  pid: process.pid,
  uid: process.getuid?.() ?? 0,
  isCgroup: isCgroup2,
  findDelegated,
};

/**
 * Finds a cgroup that the host may divide up among its plugins, and makes it ready: moves the host to a leaf of its own
 * and enables the controllers. Never rejects: without one everything works, by measuring and rlimits.
 *
 * @param setting `auto`: only what was delegated to the host; `off`; or the directory of a cgroup, which whoever sets it
 * vouches for
 */
export async function prepareCgroups(setting: string, world: CgroupWorld = THIS_MACHINE): Promise<CgroupFindings> {
  if (setting === 'off') return unused('TORU_CGROUP is off');
  try {
    const found = setting === 'auto' ? await delegated(world) : named(setting, world);
    return typeof found === 'string' ? unused(found) : takeOver(found, world);
  } catch (error) {
    return unused(errorMessage(error));
  }
}

async function delegated({ proc, uid, ...world }: CgroupWorld): Promise<Delegated | string> {
  const own = ownCgroup(readFileSync(join(proc, 'cgroup'), 'utf8'), readFileSync(join(proc, 'mountinfo'), 'utf8'));
  if (typeof own === 'string') return own;
  const found = await world.findDelegated(own.directory, own.mount, uid);
  return found ?? `${own.directory} was not delegated to the host (Delegate=yes in its unit, or TORU_CGROUP)`;
}

function named(directory: string, { isCgroup }: CgroupWorld): Delegated | string {
  if (!isCgroup(directory)) return `TORU_CGROUP names ${directory}, which is no cgroup of version 2`;
  return { directory, sign: 'TORU_CGROUP names it' };
}

function takeOver({ directory, sign }: Delegated, { pid }: CgroupWorld): CgroupFindings {
  for (const file of ['.', 'cgroup.procs', 'cgroup.subtree_control']) {
    accessSync(join(directory, file), constants.W_OK);
  }
  const inside = pidsIn(directory);
  const others = inside.filter((other) => other !== pid);
  if (others.length > 0) {
    return unused(
      `${directory} holds other processes as well (${others.slice(0, 5).join(' ')}): it is not the host's own`,
    );
  }
  if (inside.length > 0) {
    mkdirSync(join(directory, HOST_LEAF), { recursive: true });
    writeCgroupFile(join(directory, HOST_LEAF), 'cgroup.procs', String(pid));
  }
  const available = controllersIn(directory, 'cgroup.controllers');
  // one by one: the kernel takes all of a line or nothing
  for (const controller of available) tryCgroupFile(directory, 'cgroup.subtree_control', `+${controller}`);
  const controllers = new Set(controllersIn(directory, 'cgroup.subtree_control'));
  return {
    tree: { directory, controllers },
    message: `cgroup v2 is used below ${directory} (${sign}): ${bounds(controllers)}`,
  };
}

function bounds(controllers: ReadonlySet<Controller>): string {
  const words = { memory: 'memory', cpu: 'processor time', pids: 'tasks' } as const;
  const held = CONTROLLERS.filter((name) => controllers.has(name)).map((name) => words[name]);
  const measured = CONTROLLERS.filter((name) => !controllers.has(name)).map((name) => words[name]);
  return [
    'the end of all that a plugin started',
    ...(held.length > 0 ? [`bounds of ${held.join(', ')}`] : []),
    ...(measured.length > 0 ? [`no controller for ${measured.join(', ')}`] : []),
  ].join('; ');
}

function unused(why: string): CgroupFindings {
  return { tree: undefined, message: `cgroup v2 is not used: ${why}. Budgets are held by measuring and rlimits.` };
}
