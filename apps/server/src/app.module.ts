import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule, type Params } from 'nestjs-pino';
import { AccessModule } from './access';
import { CommonModule } from './common';
import { ConfigModule, type Configuration } from './config';
import { DatabaseModule } from './database';
import { EventsModule } from './events';
import { GatewayModule, RouteTable, SupervisorRouteTable } from './gateway';
import { HealthModule } from './health';
import { IdentityModule } from './identity';
import { KvModule } from './kv';
import { LogsModule } from './logs';
import { MetricsModule } from './metrics';
import { PluginsModule } from './plugins';
import { ProtocolModule } from './protocol';
import { PluginSupervisorModule } from './supervisor';

/** The composition root: every module, lower ones first. */
@Module({})
export class AppModule {
  /** @param writeAccessLine takes the lines of the access log; undefined: the level of the log leaves them out */
  static with(
    configuration: Configuration,
    logging: Params,
    writeAccessLine: ((line: string) => void) | undefined,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(logging),
        CommonModule,
        ConfigModule.with(configuration),
        DatabaseModule,
        ProtocolModule,
        EventsModule,
        LogsModule,
        KvModule,
        IdentityModule,
        AccessModule,
        PluginsModule,
        PluginSupervisorModule,
        GatewayModule.register(
          { provide: RouteTable, useClass: SupervisorRouteTable },
          [PluginsModule],
          writeAccessLine,
        ),
        HealthModule,
        MetricsModule,
      ],
    };
  }
}
