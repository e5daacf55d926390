import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is written down of a process before it can do anything (SUP-6). */
export interface ProcessRecord {
  readonly plugin: string;
  /** Random, in the environment of the process and so of everything that it starts. */
  readonly marker: string;
  /** Undefined before the spawn has come back. */
  readonly pid?: number;
  readonly startTicks?: number;
  /** Where it makes its socket. */
  readonly socket?: string;
}

const NAME = /^([0-9a-f]{32})\.json$/;

/** What is known of it once it runs. */
export type SpawnedRecord = Required<Pick<ProcessRecord, 'pid' | 'startTicks'>>;

/**
 * One private file for each process, `<directory>/<marker>.json`: a line before it is spawned, and a line with its pid
 * after. A line that was not written to its end does not count, so that nothing has to be replaced whole. They are not
 * synced to the disk: what a power cut takes, it takes the processes with.
 *
 * A record counts only on the machine start and in the very directory in which it was written: in a copy of the data
 * directory it would point at the processes of another host.
 */
export class ProcessRecords {
  constructor(
    private readonly directory: string,
    private readonly bootId: string,
  ) {}

  /** To be called before it is spawned. */
  write(record: ProcessRecord): void {
    const text = JSON.stringify({ ...record, boot: this.bootId, directory: this.identity() });
    writeFileSync(this.fileOf(record.marker), `${text}\n`, { mode: 0o600 });
  }

  /** Adds what is known now. */
  complete(marker: string, spawned: SpawnedRecord): void {
    appendFileSync(this.fileOf(marker), `${JSON.stringify(spawned)}\n`, { mode: 0o600 });
  }

  remove(marker: string): void {
    rmSync(this.fileOf(marker), { force: true });
  }

  /** Those that count. All others are removed, half-written ones too. */
  read(): ProcessRecord[] {
    const identity = this.identity();
    const records: ProcessRecord[] = [];
    for (const name of readdirSync(this.directory)) {
      const record = NAME.test(name) ? this.readOne(name, identity) : undefined;
      if (record === undefined) rmSync(join(this.directory, name), { recursive: true, force: true });
      else records.push(record);
    }
    return records;
  }

  private readOne(name: string, identity: string): ProcessRecord | undefined {
    const value = this.linesOf(name);
    if (value === undefined) return undefined;
    const { plugin, marker, pid, startTicks, socket, boot, directory } = value;
    if (boot !== this.bootId || directory !== identity) return undefined;
    if (typeof plugin !== 'string' || typeof marker !== 'string' || NAME.exec(name)?.[1] !== marker) return undefined;
    return {
      ...{ plugin, marker },
      ...(typeof pid === 'number' && typeof startTicks === 'number' && { pid, startTicks }),
      ...(typeof socket === 'string' && { socket }),
    };
  }

  /** Both lines as one; the second one may be missing or half written. */
  private linesOf(name: string): Readonly<Record<string, unknown>> | undefined {
    try {
      const [first = '', second = ''] = readFileSync(join(this.directory, name), 'utf8').split('\n');
      return { ...(Object(JSON.parse(first)) as object), ...pidsIn(second) };
    } catch {
      return undefined;
    }
  }

  private fileOf(marker: string): string {
    return join(this.directory, `${marker}.json`);
  }

  /** Which directory this is; makes it when it is missing. */
  private identity(): string {
    const there = statSync(this.directory, { bigint: true, throwIfNoEntry: false });
    if (there === undefined) mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const { dev, ino } = there ?? statSync(this.directory, { bigint: true });
    return `${dev}:${ino}`;
  }
}

function pidsIn(line: string): Partial<SpawnedRecord> {
  try {
    const { pid, startTicks } = Object(JSON.parse(line)) as Record<string, unknown>;
    return typeof pid === 'number' && typeof startTicks === 'number' ? { pid, startTicks } : {};
  } catch {
    return {};
  }
}
