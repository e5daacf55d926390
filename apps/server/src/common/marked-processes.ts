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

interface Sweep {
  passes: number;
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
      this.sweeps.set(marker, { passes: 0, ended: 0, done });
      if (!this.sweeping) void this.sweep();
    });
  }

  private async sweep(): Promise<void> {
    this.sweeping = true;
    while (this.sweeps.size > 0) {
      // those who ask while a pass is on its way get the next one: it may have gone by what they mean
      const markers = new Set(this.sweeps.keys());
      const found = await this.pass(markers).catch(() => new Map<string, number>());
      for (const marker of markers) this.account(marker, found.get(marker) ?? 0);
      if (found.size > 0) await delay(AGAIN_MS);
    }
    this.sweeping = false;
  }

  private account(marker: string, found: number): void {
    const sweep = this.sweeps.get(marker);
    if (sweep === undefined) return;
    sweep.passes += 1;
    sweep.ended += found;
    if (found > 0 && sweep.passes < MAX_PASSES) return;
    this.sweeps.delete(marker);
    sweep.done(sweep.ended);
  }

  private async pass(markers: ReadonlySet<string>): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    let looked = 0;
    for (const pid of this.table.pids()) {
      if (pid === process.pid) continue;
      if (++looked % SLICE === 0) await turn();
      const environment = this.table.environment(pid);
      if (environment === undefined || environment === 'unreadable') continue;
      const marker = markerIn(environment);
      if (marker === undefined || !markers.has(marker)) continue;
      // in the tick in which it was recognised: the pid cannot be another's yet
      signalProcess(pid, 'SIGKILL');
      found.set(marker, (found.get(marker) ?? 0) + 1);
    }
    return found;
  }
}
