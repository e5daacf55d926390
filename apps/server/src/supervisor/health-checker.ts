import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { errorMessage } from '../common';
import { Configuration } from '../config';
import { PluginSupervisor } from './plugin-supervisor';

/** Checks all plugins on a schedule (SUP-1). A check that takes longer than the interval is not begun a second time. */
@Injectable()
export class HealthChecker implements OnApplicationBootstrap {
  private readonly logger = new Logger(HealthChecker.name);
  private checking = false;

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
    if (this.checking) return;
    this.checking = true;
    try {
      await this.supervisor.checkHealth();
    } catch (error) {
      this.logger.error(`a health check failed: ${errorMessage(error)}`);
    } finally {
      this.checking = false;
    }
  }
}
