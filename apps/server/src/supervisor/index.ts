export type { Quarantine } from './quarantine';
export type { Leave, RequestsInFlight } from './requests-in-flight';
export { PluginSupervisor, type Serving } from './plugin-supervisor';
export { ResourceHistory } from './resource-history';
export { PluginSupervisorModule } from './plugin-supervisor.module';
