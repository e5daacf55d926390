import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { EventsModule } from '../events';
import { RequestMetersModule } from '../gateway';
import { HealthModule } from '../health';
import { KvModule } from '../kv';
import { LicencesModule } from '../licences';
import { LogsModule } from '../logs';
import { PluginsModule } from '../plugins';
import { FactsCollector, PluginCounters } from './facts-collector';
import { MetricsController } from './metrics.controller';
import { MetricsListener } from './metrics-listener';
import { MetricsService } from './metrics.service';

@Module({
  imports: [
    AccessModule,
    EventsModule,
    RequestMetersModule,
    HealthModule,
    KvModule,
    LicencesModule,
    LogsModule,
    PluginsModule,
  ],
  controllers: [MetricsController],
  providers: [PluginCounters, FactsCollector, MetricsService, MetricsListener],
})
export class MetricsModule {}
