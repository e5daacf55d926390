import { Injectable } from '@nestjs/common';
import type { HttpRequestV1, HttpResponseV1, PluginState } from '@toru/contracts';
import { AppError, Clock } from '../common';
import { PluginLimitsService, type RequestLimits } from '../plugins';
import type { StreamingChannel } from '../protocol';
import { PluginSupervisor, type Serving } from '../supervisor';
import { RouteTable, type PluginTarget, type RouteQuarantine, type SendOptions } from './gateway.ports';
import type { RequestMeter } from './request-meter';
import { RequestMeters } from './request-meters';

/** The plugins as the supervisor has them at this moment. */
@Injectable()
export class SupervisorRouteTable extends RouteTable {
  private readonly targets = new WeakMap<Serving, PluginTarget>();

  constructor(
    private readonly supervisor: PluginSupervisor,
    private readonly clock: Clock,
    private readonly meters: RequestMeters,
    private readonly limits: PluginLimitsService,
  ) {
    super();
  }

  override byRoute(segment: string): PluginTarget | undefined {
    return this.targetOf(this.supervisor.servingRoute(segment));
  }

  override byId(id: string): PluginTarget | undefined {
    return this.targetOf(this.supervisor.serving(id));
  }

  private targetOf(serving: Serving | undefined): PluginTarget | undefined {
    if (serving === undefined) return undefined;
    let target = this.targets.get(serving);
    if (target === undefined) {
      target = new SupervisedTarget(serving, this.clock, this.meters, this.limits);
      this.targets.set(serving, target);
    }
    return target;
  }
}

/**
 * One plugin, whatever serves it now: while a caller is admitted or a body is read another version may take over, and that
 * one is asked (SUP-8).
 */
class SupervisedTarget implements PluginTarget {
  constructor(
    private readonly serving: Serving,
    private readonly clock: Clock,
    private readonly meters: RequestMeters,
    private readonly allLimits: PluginLimitsService,
  ) {}

  get id(): string {
    return this.serving.entry.id;
  }

  get route(): string {
    return this.serving.entry.metadata.route;
  }

  get publicPaths(): readonly string[] {
    return this.serving.entry.metadata.public_paths;
  }

  get state(): PluginState {
    return this.serving.state;
  }

  get reason(): string | null {
    return this.serving.status.reason;
  }

  get retryAfterSeconds(): number | null {
    const { nextRetryAt } = this.serving.status;
    return nextRetryAt === null ? null : (nextRetryAt - this.clock.now()) / 1000;
  }

  get stream(): StreamingChannel | undefined {
    return this.serving.channel?.streaming;
  }

  get quarantine(): RouteQuarantine | undefined {
    return this.serving.quarantine;
  }

  get meter(): RequestMeter {
    return this.meters.of(this.id);
  }

  send(request: HttpRequestV1, options: SendOptions): Promise<HttpResponseV1> {
    return this.serving.channel?.http(request, options) ?? Promise.reject(notRunning(this.id));
  }

  limits(path: string): RequestLimits {
    return this.allLimits.of(this.serving.entry.metadata).of(path);
  }

  enter(method: string, path: string): ((answered: boolean) => void) | undefined {
    return this.serving.requests?.enter(method, path);
  }
}

function notRunning(plugin: string): AppError {
  return new AppError('plugin_unavailable', `The plugin ${plugin} is not running.`, { plugin, retryAfterSeconds: 1 });
}
