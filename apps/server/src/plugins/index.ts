export { Catalogue, type CatalogueListener } from './catalogue';
export type { CatalogueDiff, CatalogueEntry, InvalidEntry, ValidEntry } from './catalogue-entry';
export { EnabledState, type EnabledStateProblem } from './enabled-state.port';
export { PluginRuntime, type RuntimeRequestOptions, type RuntimeStatus } from './plugin-runtime.port';
export { ApiPluginId } from './api-documentation';
export { PluginIdPipe } from './plugin-id.pipe';
export { PluginsService } from './plugins.service';
export { PluginsModule } from './plugins.module';
