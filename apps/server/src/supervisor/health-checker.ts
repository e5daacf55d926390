import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { errorMessage } from '../common';
import { Configuration } from '../config';
import { PluginSupervisor } from './plugin-supervisor';

/** Checks all plugins on a schedule (SUP-1). A plugin whose check takes longer than the interval is not asked a second time. */
@Injectable()
export class HealthChecker implements OnApplicationBootstrap {
  private readonly logger = new Logger(HealthChecker.name);

  constructor(
    private readonly configuration: Configuration,
    private readonly scheduler: SchedulerRegistry,
    private readonly supervisor: PluginSupervisor,
  ) {}

  onApplicationBootstrap(): void {
    const timer = setInterval(() => void this.check(), this.configuration.healthIntervalMs);
    this.scheduler.addInterval('plugin-health', timer);
  }

  private async check(): Promise<void> {
    try {
      await this.supervisor.checkHealth();
    } catch (error) {
      this.logger.error(`a health check failed: ${errorMessage(error)}`);
    }
  }
}
