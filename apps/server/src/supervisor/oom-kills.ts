import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';

const CGROUPS = '/sys/fs/cgroup';

/** Asks the kernel how many processes of the host's cgroup (version 2) it has ended for lack of memory. */
@Injectable()
export class OomKills {
  private seen: Promise<number> = this.count();

  /** How many since the last time that somebody asked; 0 where the kernel does not tell. */
  async sinceLast(): Promise<number> {
    const before = this.seen;
    this.seen = this.count();
    return Math.max(0, (await this.seen) - (await before));
  }

  private async count(): Promise<number> {
    try {
      const path = /^0::(.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
      const events = await readFile(join(CGROUPS, path, 'memory.events'), 'utf8');
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
    } catch {
      return 0;
    }
  }
}
