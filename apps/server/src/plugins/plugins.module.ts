import { basename, join } from 'node:path';
import { Logger, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { parseMetadata } from '@toru/protocol';
import { AccessModule } from '../access';
import { Clock, errorMessage, PluginCgroups, prepareCgroups, ProcessLedger, ProcessTable, starterIn } from '../common';
import { Configuration } from '../config';
import { DatabaseModule } from '../database';
import { EventsModule } from '../events';
import { KvModule } from '../kv';
import { LicencesModule } from '../licences';
import { LogsModule } from '../logs';
import { PluginSettingsModule } from '../plugin-settings';
import { BinaryStore } from './binary-store';
import { Catalogue } from './catalogue';
import { ConfiguredPluginsService } from './configured-plugins.service';
import { EnabledState } from './enabled-state.port';
import { EventStreamController } from './event-stream.controller';
import { FileEnabledState } from './file-enabled-state';
import { displayName } from './file-names';
import { InstallationEvents } from './installation-events';
import { LicenceSchedule } from './licence-schedule';
import { LicensedPluginsService } from './licensed-plugins.service';
import { LicensesController } from './licenses.controller';
import { MetadataCache } from './metadata-cache';
import { readMetadata } from './metadata-reader';
import { PluginApiDocumentController } from './plugin-api-document.controller';
import { PluginApiDocuments } from './plugin-api-documents.service';
import { PluginBundleController } from './plugin-bundle.controller';
import { PluginBundleService } from './plugin-bundle.service';
import { PluginEventsController } from './plugin-events.controller';
import { PluginKvController } from './plugin-kv.controller';
import { PluginKvService } from './plugin-kv.service';
import { PluginLicenseController } from './plugin-license.controller';
import { PluginSettingsController } from './plugin-settings.controller';
import { PluginLimitsController } from './plugin-limits.controller';
import { PluginLimitsService } from './plugin-limits.service';
import { PluginLimitsStore } from './plugin-limits-store.port';
import { PluginLogsController } from './plugin-logs.controller';
import { PluginsReporter } from './plugins-reporter';
import { PluginsController } from './plugins.controller';
import { PluginVersionsController } from './plugin-versions.controller';
import { PluginsService } from './plugins.service';
import { PluginsWatcher } from './plugins-watcher';
import { TypeOrmPluginLimitsStore } from './typeorm-plugin-limits-store';
import { VersionStore } from './version-store';

/** The catalogue and what REST shows of it. `PluginRuntime` is provided by a global module above. */
@Module({
  imports: [
    ...[ScheduleModule.forRoot(), AccessModule, DatabaseModule, EventsModule, KvModule, LicencesModule, LogsModule],
    PluginSettingsModule,
  ],
  controllers: [
    PluginsController,
    PluginLogsController,
    PluginEventsController,
    EventStreamController,
    PluginKvController,
    PluginSettingsController,
    PluginLicenseController,
    LicensesController,
    PluginLimitsController,
    PluginVersionsController,
    PluginBundleController,
    PluginApiDocumentController,
  ],
  providers: [
    PluginsService,
    PluginBundleService,
    PluginApiDocuments,
    PluginKvService,
    ConfiguredPluginsService,
    InstallationEvents,
    LicenceSchedule,
    LicensedPluginsService,
    PluginLimitsService,
    { provide: PluginLimitsStore, useClass: TypeOrmPluginLimitsStore },
    PluginsReporter,
    {
      provide: EnabledState,
      inject: [Configuration, PluginsReporter, Clock],
      useFactory: (
        { pluginsDir, enableNewPlugins }: Configuration,
        reporter: PluginsReporter,
        clock: Clock,
      ): EnabledState =>
        new FileEnabledState({
          ...{ pluginsDir, enableNewPlugins },
          report: (problem) => {
            reporter.enabledState(problem);
          },
          now: () => clock.now(),
        }),
    },
    {
      provide: ProcessLedger,
      inject: [Configuration],
      useFactory: async ({ dataDir, runDir, cgroup }: Configuration): Promise<ProcessLedger> => {
        const { tree, message } = await prepareCgroups(cgroup);
        new Logger('cgroups').log(message);
        // after the host has moved to its own cgroup, so that it starts there too
        const starter = starterIn(runDir, (notice) => {
          new Logger('spawner').warn(notice);
        });
        return new ProcessLedger(join(dataDir, 'processes'), new ProcessTable(), new PluginCgroups(tree), starter);
      },
    },
    {
      provide: VersionStore,
      inject: [Configuration, PluginsReporter],
      useFactory: ({ dataDir }: Configuration, reporter: PluginsReporter): VersionStore =>
        new VersionStore({ dataDir, parseMetadata, problem: (detail) => reporter.problem(detail) }),
    },
    {
      provide: Catalogue,
      inject: [Configuration, PluginsReporter, ProcessLedger, VersionStore],
      useFactory: (
        { pluginsDir, dataDir, metadataTimeoutMs }: Configuration,
        reporter: PluginsReporter,
        ledger: ProcessLedger,
        versions: VersionStore,
      ): Catalogue =>
        new Catalogue({
          ...{ pluginsDir, parseMetadata, reporter },
          readMetadata: (executable, signal) =>
            readMetadata(executable, {
              signal,
              timeoutMs: metadataTimeoutMs,
              spawn: (options) => ledger.spawn({ plugin: displayName(basename(executable)) }, options),
            }),
          store: new BinaryStore(dataDir, pluginsDir),
          cache: new MetadataCache(dataDir),
          kept: () => versions.digests(),
        }),
    },
    {
      provide: PluginsWatcher,
      inject: [Configuration, Catalogue, LicensedPluginsService, PluginsReporter],
      useFactory: (
        { pluginsDir, settleMs }: Configuration,
        catalogue: Catalogue,
        licences: LicensedPluginsService,
        reporter: PluginsReporter,
      ): PluginsWatcher =>
        new PluginsWatcher({
          ...{ pluginsDir, settleMs, catalogue },
          takeUpLicences: (settle, signal) => licences.takeUpFiles(settle, signal),
          failed: (error) => {
            reporter.problem(`The plugins directory could not be read again: ${errorMessage(error)}`);
          },
        }),
    },
  ],
  exports: [Catalogue, EnabledState, PluginLimitsService, PluginApiDocuments, PluginsService, PluginsWatcher, ProcessLedger, VersionStore],
})
export class PluginsModule {}
