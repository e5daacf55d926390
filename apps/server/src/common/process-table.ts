import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './error-code';

/** The units of this machine. */
export interface MachineUnits {
  readonly pageBytes: number;
  /** Of the clock in which processor time is counted. */
  readonly ticksPerSecond: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** What `/proc/<pid>/stat` tells of a process (proc(5)). */
export interface ProcessStat {
  readonly pid: number;
  /** `Z` and `X` are over: nothing of them is left but their entry. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** User and system time, with that of the children it has waited for, in clock ticks. */
  readonly cpuTicks: number;
  /** When it started, in clock ticks since the machine did: with the boot id, a pid and this name one process for ever. */
  readonly startTicks: number;
  readonly residentPages: number;
}

const CHUNK_BYTES = 16 * 1024;
/** The most of an environment that is looked at, in bytes; the kernel's own limit for one variable. */
const MAX_ENVIRONMENT_BYTES = 2 * 1024 * 1024;

/**
 * The processes of this machine, read from `/proc`. Synchronous: a read costs microseconds there, and whoever signals a
 * process has to do it in the same tick in which it was recognised.
 */
export class ProcessTable {
  private readonly chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(private readonly root = '/proc') {}

  pids(): number[] {
    const pids: number[] = [];
    for (const name of readdirSync(this.root)) {
      const pid = Number(name);
      if (Number.isSafeInteger(pid) && pid > 0) pids.push(pid);
    }
    return pids;
  }

  /** Undefined when there is no such process. */
  stat(pid: number): ProcessStat | undefined {
    try {
      return parseStat(this.read(`${pid}/stat`).toString('latin1'));
    } catch {
      return undefined;
    }
  }

  /**
   * The environment with which a process was started, as NUL-terminated assignments: empty for one that is over. Undefined
   * when there is no such process, `unreadable` when it is another user's, or has made itself so, `changing` while it
   * becomes another program (execve(2)): look again in a moment.
   */
  environment(pid: number): Buffer | 'unreadable' | 'changing' | undefined {
    try {
      const environment = this.read(`${pid}/environ`);
      return environment.length === 0 && this.isBecomingAnother(pid) ? 'changing' : environment;
    } catch (error) {
      const code = errorCode(error);
      return code === 'EACCES' || code === 'EPERM' ? 'unreadable' : undefined;
    }
  }

  /** How many descriptors it has open; undefined where that cannot be seen. */
  openFiles(pid: number): number | undefined {
    const directory = join(this.root, String(pid), 'fd');
    try {
      // since Linux 6.2 the size of the directory is their number
      const { size } = statSync(directory);
      return size > 0 ? size : readdirSync(directory).length;
    } catch {
      return undefined;
    }
  }

  /** Changes with each start of the machine. */
  bootId(): string {
    return readFileSync(join(this.root, 'sys/kernel/random/boot_id'), 'latin1').trim();
  }

  /** As the kernel tells every program at its start; what nearly all machines have where it does not. */
  units(): MachineUnits {
    const values = new Map<bigint, number>();
    try {
      const auxiliary = this.read('self/auxv');
      for (let at = 0; at + 16 <= auxiliary.length; at += 16) {
        values.set(auxiliary.readBigUInt64LE(at), Number(auxiliary.readBigUInt64LE(at + 8)));
      }
    } catch {
      // the values below
    }
    return { pageBytes: values.get(AT_PAGESZ) ?? 4096, ticksPerSecond: values.get(AT_CLKTCK) ?? 100 };
  }

  /**
   * Whether a process that shows no environment will have one: the kernel puts it into the new memory last. One that is
   * over, and a thread of the kernel's, has no memory; one that was started without any has a place where it begins and
   * ends.
   */
  private isBecomingAnother(pid: number): boolean {
    const field = fieldsIn(this.read(`${pid}/stat`).toString('latin1'));
    const [virtualBytes, begin, end] = [field(23), field(50), field(51)];
    return virtualBytes > 0 && (end === 0 || end > begin);
  }

  private read(path: string): Buffer {
    const descriptor = openSync(join(this.root, path), 'r');
    try {
      let whole: Buffer | undefined;
      for (;;) {
        const length = readSync(descriptor, this.chunk, 0, CHUNK_BYTES, null);
        if (length === 0) return whole ?? Buffer.alloc(0);
        const piece = Buffer.from(this.chunk.subarray(0, length));
        whole = whole === undefined ? piece : Buffer.concat([whole, piece]);
        if (whole.length >= MAX_ENVIRONMENT_BYTES) return whole;
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

/** The name of the program is in brackets and may hold anything, brackets and spaces too: what counts follows the last one. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const pid = Number(text.slice(0, open));
  const number = fieldsIn(text);
  const stat: ProcessStat = {
    pid,
    state:
      text
        .slice(close + 2)
        .trim()
        .split(' ', 1)[0] ?? '',
    parent: number(4),
    group: number(5),
    session: number(6),
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    startTicks: number(22),
    residentPages: number(24),
  };
  const numbers = [pid, stat.parent, stat.group, stat.session, stat.cpuTicks, stat.startTicks, stat.residentPages];
  return numbers.every(Number.isSafeInteger) ? stat : undefined;
}

/** The numbers of `/proc/<pid>/stat` by their place in proc(5), from 4 on. */
function fieldsIn(text: string): (field: number) => number {
  // field 3, the state, is the first of these
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  return (field) => Number(fields[field - 3] ?? NaN);
}
