import { mkdir } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { limitOpenFiles, ProcessLedger } from '../common';
import { Configuration } from '../config';
import { LogsService } from '../logs';
import type { ValidEntry } from '../plugins';
import { ChannelFactory, type ChannelObserver } from '../protocol';
import { limitsOf } from './budgets';
import { PluginInitFactory } from './plugin-init.factory';
import { PluginRun } from './plugin-run';
import { SocketArrivals } from './socket-arrivals';

/** Starts processes of plugins with what protocol §1 promises them. */
@Injectable()
export class PluginSpawner {
  private readonly logger = new Logger('plugins');
  private readonly arrivals: SocketArrivals;

  constructor(
    private readonly configuration: Configuration,
    private readonly inits: PluginInitFactory,
    private readonly logs: LogsService,
    private readonly channels: ChannelFactory,
    private readonly ledger: ProcessLedger,
  ) {
    this.arrivals = new SocketArrivals(configuration.runDir);
  }

  /** Rejects with the system's reason when the file cannot be started. */
  async spawn(entry: ValidEntry, observer: ChannelObserver): Promise<PluginRun> {
    const { readyTimeoutMs, shutdownGraceMs, killDelayMs } = this.configuration;
    const { id, executable, metadata } = entry;
    const { init, env } = await this.inits.make(entry);
    await mkdir(init.data_dir, { recursive: true, mode: 0o700 });
    const limits = limitsOf(metadata.limits, this.configuration);
    const purpose = { plugin: id, socket: init.plugin_socket, limits };
    const process = await this.ledger.spawn(purpose, {
      file: executable,
      cwd: init.data_dir,
      env,
    });
    if (limits.open_files !== undefined) void this.limitOpenFiles(id, process.pid, limits.open_files);
    const outputs = [this.logs.capture(id, process.stdout, 'stdout'), this.logs.capture(id, process.stderr, 'stderr')];
    const channel = this.channels.open({ id, protocol: metadata.protocol }, init.plugin_socket, observer);
    const drained = Promise.all(outputs.map((output) => output.done)).then(() => undefined);
    const times = { readyTimeoutMs, shutdownGraceMs, killDelayMs };
    return new PluginRun(process, channel, init, times, drained, this.arrivals);
  }

  private async limitOpenFiles(id: string, pid: number, limit: number): Promise<void> {
    const problem = await limitOpenFiles(pid, limit);
    if (problem !== undefined) this.logger.warn(`${id}: its descriptors could not be limited to ${limit}: ${problem}`);
  }
}
