import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError, Clock } from '../common';
import { PluginSupervisor } from '../supervisor';

/** How long the database may take for a question that needs no work, in milliseconds. */
const DATABASE_PATIENCE_MS = 2_000;

/** Whether the host can serve. */
@Injectable()
export class HealthService {
  private isEnding = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly supervisor: PluginSupervisor,
    private readonly clock: Clock,
  ) {}

  /** How many plugins are on their way up, those that wait for their turn included. */
  get starting(): number {
    return this.supervisor.starting;
  }

  /** From now on the host is on its way out: whoever shares out requests must send none here. */
  end(): void {
    this.isEnding = true;
  }

  /** All that is missing, in one error whose code is that of the first; undefined where the host serves. */
  async notReadyBecause(): Promise<AppError | undefined> {
    const reasons: (readonly ['shutting_down' | 'storage_unavailable' | 'not_ready', string])[] = [];
    if (this.isEnding) reasons.push(['shutting_down', 'The host is shutting down.']);
    if (!(await this.databaseAnswers())) reasons.push(['storage_unavailable', 'The database does not answer.']);
    if (!this.supervisor.hasReadPlugins) reasons.push(['not_ready', 'The plugins are still being read.']);
    const [first] = reasons;
    if (first === undefined) return undefined;
    return new AppError(first[0], reasons.map(([, sentence]) => sentence).join(' '), { retryAfterSeconds: 1 });
  }

  private async databaseAnswers(): Promise<boolean> {
    let cancel = (): void => undefined;
    const patience = new Promise<false>((resolve) => {
      cancel = this.clock.setTimeout(() => {
        // a host that was kept from running has not read the answer yet: that is not the database's delay
        setImmediate(() => {
          resolve(false);
        });
      }, DATABASE_PATIENCE_MS);
    });
    try {
      return await Promise.race([this.dataSource.query('SELECT 1').then(() => true), patience]);
    } catch {
      return false;
    } finally {
      cancel();
    }
  }
}
