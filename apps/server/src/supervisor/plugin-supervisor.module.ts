import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { DatabaseModule } from '../database';
import { EventsModule } from '../events';
import { IdentityModule } from '../identity';
import { LicencesModule } from '../licences';
import { LogsModule } from '../logs';
import { PluginRuntime, PluginsModule } from '../plugins';
import { PluginSettingsModule } from '../plugin-settings';
import { ProtocolModule } from '../protocol';
import { ActorFactory } from './actor-factory';
import { BackgroundWork } from './background-work';
import { Beginnings } from './beginnings';
import { Budgets } from './budgets.service';
import { CrashRecorder } from './crash-recorder';
import { CrashStore } from './crash-store.port';
import { CrashesController } from './crashes.controller';
import { FailureHistories } from './failure-histories';
import { FailureStore } from './failure-store.port';
import { HealthChecker } from './health-checker';
import { OomKills } from './oom-kills';
import { OrphanReaper } from './orphan-reaper';
import { PluginRecords } from './plugin-records';
import { PluginInitFactory } from './plugin-init.factory';
import { PluginSpawner } from './plugin-spawner';
import { PluginSupervisor } from './plugin-supervisor';
import { ResourceHistory } from './resource-history';
import { ResourceSampler } from './resource-sampler';
import { ResourceSamples } from './resource-samples.port';
import { SupervisedPlugins } from './supervised-plugins';
import { SupervisorJournal } from './supervisor-journal';
import { TypeOrmCrashStore } from './typeorm-crash-store';
import { TypeOrmFailureStore } from './typeorm-failure-store';

/** Global, since it is the runtime that the catalogue's controllers ask for without knowing it. */
@Global()
@Module({
  imports: [
    ...[ScheduleModule.forRoot(), DatabaseModule, EventsModule, IdentityModule, LicencesModule, LogsModule],
    ...[PluginsModule, PluginSettingsModule, ProtocolModule],
  ],
  controllers: [CrashesController],
  providers: [
    ActorFactory,
    BackgroundWork,
    Beginnings,
    Budgets,
    CrashRecorder,
    FailureHistories,
    OomKills,
    PluginRecords,
    { provide: CrashStore, useClass: TypeOrmCrashStore },
    { provide: FailureStore, useClass: TypeOrmFailureStore },
    { provide: ResourceSamples, useExisting: ResourceHistory },
    HealthChecker,
    OrphanReaper,
    PluginInitFactory,
    PluginSpawner,
    PluginSupervisor,
    ResourceHistory,
    ResourceSampler,
    SupervisedPlugins,
    SupervisorJournal,
    { provide: PluginRuntime, useExisting: PluginSupervisor },
  ],
  exports: [PluginSupervisor, PluginRuntime, ResourceHistory],
})
export class PluginSupervisorModule {
  constructor(sampler: ResourceSampler, journal: SupervisorJournal) {
    sampler.onOverCpu((plugin, message) => {
      journal.record({ plugin, message, action: 'cpu_over_budget', event: 'cpu_over_budget', level: 'warn' });
    });
  }
}
