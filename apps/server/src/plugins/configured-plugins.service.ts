import { Injectable } from '@nestjs/common';
import type { JsonObject, PluginSettings, PluginSettingsAnswer } from '@toru/contracts';
import { EventsService } from '../events';
import { PluginSettingsService, type SettingsView } from '../plugin-settings';
import { PluginRuntime } from './plugin-runtime.port';
import { PluginsService } from './plugins.service';

/** The settings of installed plugins: kept, and brought to those that run. */
@Injectable()
export class ConfiguredPluginsService {
  constructor(
    private readonly plugins: PluginsService,
    private readonly settings: PluginSettingsService,
    private readonly runtime: PluginRuntime,
    private readonly events: EventsService,
  ) {}

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginSettingsService.view` throws */
  async get(id: string): Promise<PluginSettings> {
    const { metadata } = this.plugins.requireValid(id);
    return toPluginSettings(metadata.id, await this.settings.view(metadata));
  }

  /** @throws AppError `plugin_not_found`, `plugin_invalid`, and what `PluginSettingsService.change` throws */
  async change(id: string, values: JsonObject, ifRevision?: number): Promise<PluginSettingsAnswer> {
    const { metadata } = this.plugins.requireValid(id);
    const view = await this.settings.change(metadata, values, ifRevision);
    // names alone: a value may be a secret (faults 18)
    this.events.record(metadata.id, 'settings_changed', { settings: Object.keys(values), revision: view.revision });
    const applied = this.runtime.applySettings(metadata.id, await this.settings.effective(metadata));
    return { ...toPluginSettings(metadata.id, view), applied };
  }
}

function toPluginSettings(plugin: string, view: SettingsView): PluginSettings {
  const { schema, problem, values, secretsSet, missing, revision, updatedAt } = view;
  return {
    ...{ plugin, problem, values, missing, revision },
    // a schema of our own making is a JSON object
    schema: schema as JsonObject | null,
    secrets_set: secretsSet,
    updated_at: updatedAt,
  };
}
