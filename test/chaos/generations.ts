/** What each answer tells of the process that gave it. */
export interface Told {
  readonly pid: number;
  /** When the process began, in microseconds on the machine's monotonic clock. */
  readonly born: number;
  readonly version: string;
}

/**
 * Which processes of each plugin have answered. One that was asked after a younger one had answered must not answer any
 * more, whoever asks: then two would serve at a time. A rollback is no exception, as it starts a process of its own.
 */
export class Generations {
  private readonly youngest = new Map<string, Told>();
  private readonly seen = new Map<string, Told>();

  /** Before a request is sent: the youngest that has answered so far. */
  before(id: string): number {
    return this.youngest.get(id)?.born ?? 0;
  }

  /** Takes an answer to a request before which `youngest` was known. Returns what is wrong with it. */
  answered(id: string, told: Told, youngest: number): string | undefined {
    const key = `${id} ${told.pid} ${told.born}`;
    const known = this.seen.get(key) ?? told;
    this.seen.set(key, known);
    const best = this.youngest.get(id);
    if (best === undefined || best.born < told.born) this.youngest.set(id, told);
    if (known.version !== told.version)
      return `process ${told.pid} of ${id} was ${known.version} and is ${told.version}`;
    if (told.born >= youngest) return undefined;
    return `process ${told.pid} (${told.version}) of ${id} answered after a younger one had: ${best?.pid} (${best?.version})`;
  }

  /** All that have ever answered, as `<id> <pid>`. */
  get all(): ReadonlySet<string> {
    return new Set([...this.seen.keys()].map((key) => key.split(' ').slice(0, 2).join(' ')));
  }
}
