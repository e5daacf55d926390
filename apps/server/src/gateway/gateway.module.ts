import {
  Module,
  type DynamicModule,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { AccessModule } from '../access';
import { Clock } from '../common';
import { Configuration } from '../config';
import { gatewayOptions, GatewayOptions } from './gateway-options';
import { GatewayController } from './gateway.controller';
import { AccessLog, RequestAuthenticator, type RouteTable } from './gateway.ports';
import { GatewayService } from './gateway.service';
import { LineAccessLog } from './line-access-log';
import { PolicyAuthenticator } from './policy-authenticator';
import { RequestMetersModule } from './request-meters.module';

/** Attaches itself to the application's HTTP server when the application is initialised. */
@Module({})
export class GatewayModule implements OnApplicationBootstrap {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly gateway: GatewayService,
  ) {}

  /**
   * @param routeTable provides `RouteTable`
   * @param imports where that provider's own dependencies come from
   * @param writeLine takes the lines of the access log; undefined: nobody does
   */
  static register(
    routeTable: Provider<RouteTable>,
    imports: ModuleMetadata['imports'] = [],
    writeLine?: (line: string) => void,
  ): DynamicModule {
    return {
      module: GatewayModule,
      imports: [AccessModule, RequestMetersModule, ...imports],
      controllers: [GatewayController],
      providers: [
        GatewayService,
        routeTable,
        { provide: RequestAuthenticator, useClass: PolicyAuthenticator },
        { provide: AccessLog, inject: [Clock], useFactory: (clock: Clock) => new LineAccessLog(clock, writeLine) },
        { provide: GatewayOptions, inject: [Configuration], useFactory: gatewayOptions },
      ],
      exports: [GatewayService],
    };
  }

  onApplicationBootstrap(): void {
    this.gateway.attach(this.adapterHost.httpAdapter.getHttpServer() as Server);
  }
}
