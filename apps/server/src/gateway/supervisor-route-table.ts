import { Injectable } from '@nestjs/common';
import type { HttpRequestV1, HttpResponseV1 } from '@toru/contracts';
import { AppError, Clock } from '../common';
import { PluginSupervisor, type Serving } from '../supervisor';
import { RouteTable, type PluginTarget, type SendOptions } from './gateway.ports';

/** The plugins as the supervisor has them at this moment. */
@Injectable()
export class SupervisorRouteTable extends RouteTable {
  constructor(
    private readonly supervisor: PluginSupervisor,
    private readonly clock: Clock,
  ) {
    super();
  }

  override byRoute(segment: string): PluginTarget | undefined {
    return this.toTarget(this.supervisor.servingRoute(segment));
  }

  override byId(id: string): PluginTarget | undefined {
    return this.toTarget(this.supervisor.serving(id));
  }

  private toTarget(serving: Serving | undefined): PluginTarget | undefined {
    if (serving === undefined) return undefined;
    const { entry, status, channel, requests, quarantine } = serving;
    return {
      id: entry.id,
      route: entry.metadata.route,
      publicPaths: entry.metadata.public_paths,
      state: status.state,
      reason: status.reason,
      retryAfterSeconds: status.nextRetryAt === null ? null : (status.nextRetryAt - this.clock.now()) / 1000,
      send: (request: HttpRequestV1, options: SendOptions): Promise<HttpResponseV1> =>
        channel === undefined ? Promise.reject(notRunning(entry.id)) : channel.http(request, options),
      ...(channel?.streaming === undefined ? {} : { stream: channel.streaming }),
      ...(quarantine === undefined ? {} : { quarantine }),
      ...(requests === undefined ? {} : { enter: (method, path) => requests.enter(method, path) }),
    };
  }
}

function notRunning(plugin: string): AppError {
  return new AppError('plugin_unavailable', `The plugin ${plugin} is not running.`, { plugin, retryAfterSeconds: 1 });
}
