export { GatewayModule } from './gateway.module';
export { RouteTable, type PluginTarget, type SendOptions } from './gateway.ports';
export { GatewayService } from './gateway.service';
export { LATENCY_BOUNDS_MS, RequestMeter } from './request-meter';
export { RequestMeters } from './request-meters';
export { SupervisorRouteTable } from './supervisor-route-table';
