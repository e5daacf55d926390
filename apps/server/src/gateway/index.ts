export { GatewayModule } from './gateway.module';
export { RouteTable, type PluginTarget, type SendOptions } from './gateway.ports';
export { GatewayService } from './gateway.service';
export { LATENCY_BOUNDS_MS, type RequestMeter } from './request-meter';
export { RequestMeters } from './request-meters';
export { RequestMetersModule } from './request-meters.module';
export { SupervisorRouteTable } from './supervisor-route-table';
