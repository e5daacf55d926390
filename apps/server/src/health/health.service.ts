import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Whether the host can serve. */
@Injectable()
export class HealthService {
  /** Set once the plugins directory was read for the first time. */
  pluginsRead = false;

  constructor(private readonly dataSource: DataSource) {}

  /** A sentence that says what is missing, or undefined. */
  async notReadyBecause(): Promise<string | undefined> {
    if (!this.pluginsRead) return 'The plugins are still being read.';
    try {
      await this.dataSource.query('SELECT 1');
      return undefined;
    } catch {
      return 'The database does not answer.';
    }
  }
}
