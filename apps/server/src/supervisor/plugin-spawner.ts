import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { ProcessLedger } from '../common';
import { Configuration } from '../config';
import { InstanceService } from '../identity';
import { LogsService } from '../logs';
import type { ValidEntry } from '../plugins';
import { ChannelFactory, type ChannelInit, type ChannelObserver } from '../protocol';
import { PluginRun } from './plugin-run';
import { newSocketPath } from './socket-path';

/** Starts processes of plugins with what protocol §1 promises them. */
@Injectable()
export class PluginSpawner {
  constructor(
    private readonly configuration: Configuration,
    private readonly instance: InstanceService,
    private readonly logs: LogsService,
    private readonly channels: ChannelFactory,
    private readonly ledger: ProcessLedger,
  ) {}

  /** Rejects with the system's reason when the file cannot be started. */
  async spawn({ id, executable, metadata }: ValidEntry, observer: ChannelObserver): Promise<PluginRun> {
    const { runDir, dataDir, readyTimeoutMs, shutdownGraceMs, killDelayMs } = this.configuration;
    const cwd = join(dataDir, 'plugins', id.toLowerCase());
    await mkdir(cwd, { recursive: true, mode: 0o700 });
    const init: ChannelInit = {
      plugin_id: id,
      data_dir: cwd,
      settings: {},
      license_key: null,
      instance_id: this.instance.instanceId,
      plugin_socket: newSocketPath(runDir, id),
      log_path: this.logs.logPathOf(id),
    };
    const purpose = { plugin: id, socket: init.plugin_socket };
    const process = await this.ledger.spawn(purpose, {
      file: executable,
      cwd,
      env: {
        TORU_PLUGIN_SOCKET: init.plugin_socket,
        TORU_PLUGIN_ID: id,
        TORU_INSTANCE_ID: init.instance_id,
        TORU_LOG_PATH: init.log_path,
      },
    });
    const outputs = [this.logs.capture(id, process.stdout, 'stdout'), this.logs.capture(id, process.stderr, 'stderr')];
    const channel = this.channels.open({ id, protocol: metadata.protocol }, init.plugin_socket, observer);
    const drained = Promise.all(outputs.map((output) => output.done)).then(() => undefined);
    return new PluginRun(process, channel, init, { readyTimeoutMs, shutdownGraceMs, killDelayMs }, drained);
  }
}
