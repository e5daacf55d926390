export { GatewayModule } from './gateway.module';
export { RouteTable, type PluginTarget, type SendOptions } from './gateway.ports';
export { GatewayService } from './gateway.service';
export { SupervisorRouteTable } from './supervisor-route-table';
