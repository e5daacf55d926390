export { PluginSupervisor, type Serving } from './plugin-supervisor';
export { PluginSupervisorModule } from './plugin-supervisor.module';
