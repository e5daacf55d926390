import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PluginSupervisor } from '../supervisor';

/** Whether the host can serve. */
@Injectable()
export class HealthService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly supervisor: PluginSupervisor,
  ) {}

  /** How many plugins are on their way up, those that wait for their turn included. */
  get starting(): number {
    return this.supervisor.starting;
  }

  /** A sentence that says what is missing, or undefined. */
  async notReadyBecause(): Promise<string | undefined> {
    if (!this.supervisor.hasReadPlugins) return 'The plugins are still being read.';
    try {
      await this.dataSource.query('SELECT 1');
      return undefined;
    } catch {
      return 'The database does not answer.';
    }
  }
}
