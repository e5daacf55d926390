import { Injectable } from '@nestjs/common';
import type { HttpRequestV1, HttpResponseV1 } from '@toru/contracts';
import { AppError, Clock } from '../common';
import { PluginLimitsService } from '../plugins';
import { PluginSupervisor, type Serving } from '../supervisor';
import { RouteTable, type PluginTarget, type SendOptions } from './gateway.ports';
import { RequestMeters } from './request-meters';

/** The plugins as the supervisor has them at this moment. */
@Injectable()
export class SupervisorRouteTable extends RouteTable {
  constructor(
    private readonly supervisor: PluginSupervisor,
    private readonly clock: Clock,
    private readonly meters: RequestMeters,
    private readonly limits: PluginLimitsService,
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
    const { entry, status, quarantine } = serving;
    // while a caller is admitted or a body is read, another version may have taken over: that one is asked (SUP-8)
    const now = (): Serving => this.supervisor.serving(entry.id) ?? serving;
    return {
      id: entry.id,
      route: entry.metadata.route,
      meter: this.meters.of(entry.id),
      publicPaths: entry.metadata.public_paths,
      state: status.state,
      reason: status.reason,
      retryAfterSeconds: status.nextRetryAt === null ? null : (status.nextRetryAt - this.clock.now()) / 1000,
      send: (request: HttpRequestV1, options: SendOptions): Promise<HttpResponseV1> =>
        now().channel?.http(request, options) ?? Promise.reject(notRunning(entry.id)),
      get stream() {
        return now().channel?.streaming;
      },
      ...(quarantine === undefined ? {} : { quarantine }),
      limits: (path) => this.limits.of(entry.metadata).of(path),
      enter: (method, path) => now().requests?.enter(method, path) ?? (() => undefined),
    };
  }
}

function notRunning(plugin: string): AppError {
  return new AppError('plugin_unavailable', `The plugin ${plugin} is not running.`, { plugin, retryAfterSeconds: 1 });
}
