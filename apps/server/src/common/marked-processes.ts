import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { ProcessTable } from './process-table';
import { signalProcess } from './processes';

/** In the environment of every process that the host spawns, and so of all that these start. */
export const MARKER_VARIABLE = 'TORU_PLUGIN_MARKER';

const ASSIGNMENT = `${MARKER_VARIABLE}=`;
const MARKER_CHARACTERS = 32;
/** How many processes are looked at before others get their turn: about 1 ms. */
const SLICE = 64;
/** Between two passes while something that was killed has not gone yet, in milliseconds. */
const AGAIN_MS = 5;
/** After so many passes in which there was always somebody left, a sweep is given up. About two seconds. */
const MAX_PASSES = 300;

/** The marker in an environment of NUL-terminated assignments, or undefined. */
export function markerIn(environment: Buffer): string | undefined {
  for (let at = environment.indexOf(ASSIGNMENT); at >= 0; at = environment.indexOf(ASSIGNMENT, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const begin = at + ASSIGNMENT.length;
    return environment.toString('latin1', begin, begin + MARKER_CHARACTERS);
  }
  return undefined;
}

/**
 * So many passes are made for those that are about to become another program and may be meant: that takes them far less,
 * and where the kernel tells it otherwise, nobody is to wait for it.
 */
export const MAX_UNSURE_PASSES = 50;

/** What one pass over the processes of the machine has seen. */
interface Pass {
  /** How many carried each marker. */
  readonly found: ReadonlyMap<string, number>;
  /** Some could not be told yet. */
  readonly isUnsure: boolean;
}

interface Sweep {
  passes: number;
  /** Of these, the ones after which it was not known whether somebody is left. */
  unsure: number;
  ended: number;
  readonly done: (ended: number) => void;
}

/**
 * Ends processes by the marker that they carry, in whatever group and session they are. All who ask at the same time
 * share one pass over the processes of the machine.
 */
export class MarkedProcesses {
  private readonly sweeps = new Map<string, Sweep>();
  private sweeping = false;

  constructor(private readonly table: ProcessTable) {}

  /** SIGKILL to all that carry the marker, until there is none. Resolves with how many there were; never rejects. */
  end(marker: string): Promise<number> {
    return new Promise((done) => {
      this.sweeps.set(marker, { passes: 0, unsure: 0, ended: 0, done });
      if (!this.sweeping) void this.sweep();
    });
  }

  private async sweep(): Promise<void> {
    this.sweeping = true;
    while (this.sweeps.size > 0) {
      // those who ask while a pass is on its way get the next one: it may have gone by what they mean
      const markers = new Set(this.sweeps.keys());
      const { found, isUnsure } = await this.pass(markers).catch((): Pass => ({ found: new Map(), isUnsure: false }));
      for (const marker of markers) this.account(marker, found.get(marker) ?? 0, isUnsure);
      if (found.size > 0 || isUnsure) await delay(AGAIN_MS);
    }
    this.sweeping = false;
  }

  private account(marker: string, found: number, isUnsure: boolean): void {
    const sweep = this.sweeps.get(marker);
    if (sweep === undefined) return;
    sweep.passes += 1;
    sweep.ended += found;
    if (found > 0 && sweep.passes < MAX_PASSES) return;
    if (found === 0 && isUnsure && ++sweep.unsure < MAX_UNSURE_PASSES) return;
    this.sweeps.delete(marker);
    sweep.done(sweep.ended);
  }

  private async pass(markers: ReadonlySet<string>): Promise<Pass> {
    const found = new Map<string, number>();
    let isUnsure = false;
    let looked = 0;
    for (const pid of this.table.pids()) {
      if (pid === process.pid) continue;
      if (++looked % SLICE === 0) await turn();
      const environment = this.table.environment(pid);
      isUnsure ||= environment === 'changing';
      if (typeof environment !== 'object') continue;
      const marker = markerIn(environment);
      if (marker === undefined || !markers.has(marker)) continue;
      // in the tick in which it was recognised: the pid cannot be another's yet
      signalProcess(pid, 'SIGKILL');
      found.set(marker, (found.get(marker) ?? 0) + 1);
    }
    return { found, isUnsure };
  }
}
