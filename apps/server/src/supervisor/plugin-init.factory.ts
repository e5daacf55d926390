import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../config';
import { InstanceService } from '../identity';
import { LicenceHandover } from '../licences';
import { LogsService } from '../logs';
import type { ValidEntry } from '../plugins';
import { PluginSettingsService } from '../plugin-settings';
import type { ChannelInit } from '../protocol';
import { newSocketPath } from './socket-path';

/** What one start of a plugin is told. */
export interface PluginInit {
  /** In the words of `init` (PRO-2). */
  readonly init: ChannelInit;
  /** The same for those who only read their environment (protocol §1). */
  readonly env: Readonly<Record<string, string>>;
}

/** Knows what a plugin is told at its start: paths of its own, who this instance is, its settings, its licence. */
@Injectable()
export class PluginInitFactory {
  constructor(
    private readonly configuration: Configuration,
    private readonly instance: InstanceService,
    private readonly logs: LogsService,
    private readonly settings: PluginSettingsService,
    private readonly licences: LicenceHandover,
  ) {}

  /** With another socket for each call. @throws AppError `storage_unavailable` where its settings or its key cannot be read */
  async make({ id, metadata }: ValidEntry): Promise<PluginInit> {
    const { runDir, dataDir } = this.configuration;
    const settings = await this.settings.effective(metadata);
    const licenseKey = await this.licences.handOut(id);
    const init: ChannelInit = {
      plugin_id: id,
      data_dir: join(dataDir, 'plugins', id.toLowerCase()),
      settings,
      license_key: licenseKey,
      instance_id: this.instance.instanceId,
      plugin_socket: newSocketPath(runDir, id),
      log_path: this.logs.logPathOf(id),
    };
    const env = {
      TORU_PLUGIN_SOCKET: init.plugin_socket,
      TORU_PLUGIN_ID: id,
      TORU_INSTANCE_ID: init.instance_id,
      TORU_LOG_PATH: init.log_path,
      ...(licenseKey === null ? {} : { TORU_LICENSE_KEY: licenseKey }),
      ...(metadata.settings_schema === undefined ? {} : { TORU_SETTINGS: JSON.stringify(settings) }),
    };
    return { init, env };
  }
}
