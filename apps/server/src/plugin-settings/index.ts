export { PluginSettingsModule } from './plugin-settings.module';
export { PluginSettingsService } from './plugin-settings.service';
export type { SettingsView } from './plugin-settings.service';
