import { Injectable } from '@nestjs/common';
import type { ProtocolVersion } from '@toru/contracts';
import { Clock } from '../common';
import { Configuration } from '../config';
import { MessageHandlers } from './message-handlers';
import type { ChannelObserver, PluginChannel } from './plugin-channel';
import { V1Channel } from './v1-channel';
import { V2Channel } from './v2-channel';

/** Which plugin is at the other end, and what it speaks. */
export interface ChannelTarget {
  readonly id: string;
  readonly protocol: ProtocolVersion;
}

/** Opens the way to a plugin's process. */
@Injectable()
export class ChannelFactory {
  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly handlers: MessageHandlers,
  ) {}

  open({ id, protocol }: ChannelTarget, socketPath: string, observer: ChannelObserver): PluginChannel {
    const { pluginConcurrency, pluginRequests, pluginQueue, pluginQueueMs } = this.configuration;
    const concurrency = protocol === 2 ? pluginRequests : pluginConcurrency;
    const places = { concurrency, queue: pluginQueue, queueMs: pluginQueueMs };
    const common = { pluginId: id, socketPath, observer, handlers: this.handlers, places };
    if (protocol === 2) {
      const { readyTimeoutMs, shutdownGraceMs, pingTimeoutMs, pluginSockets: maxSockets } = this.configuration;
      return new V2Channel({ ...common, readyTimeoutMs, shutdownGraceMs, pingTimeoutMs, maxSockets });
    }
    return new V1Channel({ ...common, clock: this.clock });
  }
}
