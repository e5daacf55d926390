import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AuthenticationService } from '../access';
import { AppError, HOST_VERSION } from '../common';
import { EventsService } from '../events';
import { HealthService } from '../health';
import { exposeFamily } from './exposition';
import { FactsCollector } from './facts-collector';
import { HOST_METRICS, type HostFacts } from './host-metrics';
import { PLUGIN_METRICS } from './plugin-metrics';

/** Gauges of prom-client that are called like counters, which Prometheus' own check refuses; they are there by type too. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** All that Prometheus is told (OBS-5). Nothing is computed before somebody asks. */
@Injectable()
export class MetricsService {
  /** Of the process: its CPU, memory, descriptors, event loop and garbage collection. */
  private readonly process = new Registry();

  constructor(
    private readonly collector: FactsCollector,
    private readonly health: HealthService,
    private readonly authentication: AuthenticationService,
    private readonly events: EventsService,
  ) {
    collectDefaultMetrics({ register: this.process });
    for (const name of MISNAMED) this.process.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.process.contentType;
  }

  /** The metrics as they are now, in Prometheus' text format. A database that is away leaves out what it knows. */
  async text(): Promise<string> {
    const [host, process, plugins] = await Promise.all([
      ...([this.hostFacts(), this.process.metrics(), this.collector.plugins()] as const),
    ]);
    return [
      ...HOST_METRICS.map((metric) => exposeFamily(metric, metric.read(host))),
      ...PLUGIN_METRICS.map((metric) =>
        exposeFamily(
          metric,
          plugins.flatMap((plugin) => metric.read(plugin)),
        ),
      ),
      process,
    ].join('');
  }

  private async hostFacts(): Promise<HostFacts> {
    const [reasons, sessions] = await Promise.all([this.health.notReadyBecause(), this.sessions()]);
    return {
      version: HOST_VERSION,
      runtime: process.version,
      isReady: reasons === undefined,
      invalidPlugins: this.collector.invalidPlugins,
      lostEvents: this.events.lostEvents,
      sessions,
    };
  }

  private async sessions(): Promise<number | undefined> {
    try {
      return await this.authentication.countSessions();
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }
}
