export type { Quarantine } from './quarantine';
export type { Leave, RequestsInFlight } from './requests-in-flight';
export { PluginSupervisor } from './plugin-supervisor';
export { type Serving } from './serving-plugin';
export { ResourceHistory } from './resource-history';
export { PluginSupervisorModule } from './plugin-supervisor.module';
