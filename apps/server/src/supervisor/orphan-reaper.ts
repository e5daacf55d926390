import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { errorMessage, ProcessLedger } from '../common';
import { Configuration } from '../config';
import { SupervisorJournal } from './supervisor-journal';

/** Clears away what a host that was killed has left behind: its plugins' processes and their sockets (SUP-6). */
@Injectable()
export class OrphanReaper {
  private readonly logger = new Logger('orphans');

  constructor(
    private readonly configuration: Configuration,
    private readonly ledger: ProcessLedger,
    private readonly journal: SupervisorJournal,
  ) {}

  /** To be called before anything is spawned. Bounded in time; what goes wrong is written down and stops nobody. */
  async end(): Promise<void> {
    try {
      for (const { plugin, pids, survivors } of await this.ledger.endOrphans(this.configuration.killDelayMs)) {
        this.record(plugin, pids, survivors);
      }
      await this.removeStaleSockets();
    } catch (error) {
      this.logger.error(`what an earlier host has left could not be cleared away: ${errorMessage(error)}`);
    }
  }

  private record(plugin: string, pids: readonly number[], survivors: readonly number[]): void {
    const what = pids.length === 1 ? 'a process' : `${pids.length} processes`;
    this.journal.record({
      plugin,
      action: 'orphan_ended',
      message: `${what} of an earlier host ${pids.length === 1 ? 'was' : 'were'} ended`,
      level: 'warn',
      event: 'orphan_ended',
      fields: { pids: pids.join(' ') },
    });
    if (survivors.length === 0) return;
    const message = `processes of an earlier host do not end, not by SIGKILL either: ${survivors.join(' ')}`;
    this.journal.record({ plugin, action: 'error', message, level: 'error' });
  }

  /** Sockets in the run directory to which nobody listens: the kernel lists those to which somebody does. */
  private async removeStaleSockets(): Promise<void> {
    const { runDir } = this.configuration;
    const files = await readdir(runDir, { withFileTypes: true });
    const sockets = files.filter((file) => file.isSocket() && file.name.endsWith('.sock'));
    if (sockets.length === 0) return;
    const listening = new Set(
      (await readFile('/proc/net/unix', 'utf8')).split('\n').map((line) => line.split(' ').at(-1)),
    );
    for (const { name } of sockets) {
      const path = join(runDir, name);
      if (!listening.has(path)) await rm(path, { force: true });
    }
  }
}
