import { Injectable } from '@nestjs/common';
import { Clock } from '../common';
import { Configuration } from '../config';
import { MessageHandlers } from './message-handlers';
import type { ChannelObserver, PluginChannel } from './plugin-channel';
import { V1Channel } from './v1-channel';

/** Opens the way to a plugin's process. */
@Injectable()
export class ChannelFactory {
  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly handlers: MessageHandlers,
  ) {}

  open(pluginId: string, socketPath: string, observer: ChannelObserver): PluginChannel {
    return new V1Channel({
      pluginId,
      socketPath,
      observer,
      clock: this.clock,
      handlers: this.handlers,
      concurrency: this.configuration.pluginConcurrency,
      queue: this.configuration.pluginQueue,
    });
  }
}
