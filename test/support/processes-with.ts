import { readdirSync, readFileSync } from 'node:fs';

/** The living processes that have an environment variable which begins so (`NAME=value`). Zombies have none. */
export function processesWith(variable: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).some((each) => each.startsWith(variable)))
    .map(Number);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // It has ended meanwhile, or it is somebody else's.
    return [];
  }
}
