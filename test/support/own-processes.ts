import { readdirSync, readFileSync } from 'node:fs';

/** The fields of /proc/<pid>/stat after the name, which may contain anything. */
function statOf(pid: number | string): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Whether a process runs: a zombie has ended, and only waits for somebody to ask how. */
export function isAlive(pid: number): boolean {
  try {
    return statOf(pid)[0] !== 'Z';
  } catch {
    return false;
  }
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

export function processGroupOf(pid: number): number {
  return Number(statOf(pid)[2]);
}

/** The pids of the living children of a process, zombies too, which have ended and were not waited for. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return statOf(name)[1] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The process that starts programs for a host; undefined before there is one. */
export function spawnerOf(host: number): number | undefined {
  return childrenOf(host).find((pid) => isSpawner(pid));
}

/** The living programs that a host has started, by itself or through its spawner, and zombies, which nobody waited for. */
export function programsOf(host: number): readonly number[] {
  const children = childrenOf(host);
  return children.flatMap((pid) => (isSpawner(pid) ? childrenOf(pid) : [pid]));
}

function isSpawner(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() === 'toru-spawner';
  } catch {
    return false;
  }
}

/** The processes whose command line names something below a directory. */
export function processesBelow(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${directory}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The most memory that a process has ever had in use, in bytes, as the kernel has noted it. */
export function mostResidentBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
