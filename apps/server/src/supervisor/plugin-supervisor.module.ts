import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { EventsModule } from '../events';
import { IdentityModule } from '../identity';
import { LogsModule } from '../logs';
import { PluginRuntime, PluginsModule } from '../plugins';
import { ProtocolModule } from '../protocol';
import { ActorFactory } from './actor-factory';
import { HealthChecker } from './health-checker';
import { OrphanReaper } from './orphan-reaper';
import { PluginSpawner } from './plugin-spawner';
import { PluginSupervisor } from './plugin-supervisor';
import { SupervisorJournal } from './supervisor-journal';

/** Global, since it is the runtime that the catalogue's controllers ask for without knowing it. */
@Global()
@Module({
  imports: [ScheduleModule.forRoot(), EventsModule, IdentityModule, LogsModule, PluginsModule, ProtocolModule],
  providers: [
    ActorFactory,
    HealthChecker,
    OrphanReaper,
    PluginSpawner,
    PluginSupervisor,
    SupervisorJournal,
    { provide: PluginRuntime, useExisting: PluginSupervisor },
  ],
  exports: [PluginSupervisor, PluginRuntime],
})
export class PluginSupervisorModule {}
