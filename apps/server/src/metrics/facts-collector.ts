import { Injectable } from '@nestjs/common';
import { RequestMeters } from '../gateway';
import { KvService } from '../kv';
import { LogsService } from '../logs';
import { Catalogue } from '../plugins';
import { PluginSupervisor, ResourceHistory } from '../supervisor';
import type { PluginFacts } from './plugin-facts';

/** Where the numbers of plugins are kept, by whoever counts them. */
@Injectable()
export class PluginCounters {
  constructor(
    readonly requests: RequestMeters,
    readonly kv: KvService,
    readonly logs: LogsService,
    readonly resources: ResourceHistory,
  ) {}
}

/** Reads what every plugin that is there has done; of those that are gone nothing is kept. */
@Injectable()
export class FactsCollector {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly supervisor: PluginSupervisor,
    private readonly counters: PluginCounters,
  ) {}

  get invalidPlugins(): number {
    return this.catalogue.list().filter(({ kind }) => kind !== 'valid').length;
  }

  plugins(): PluginFacts[] {
    const { requests, kv, logs, resources } = this.counters;
    const valid = this.catalogue.list().filter((entry) => entry.kind === 'valid');
    const ids = new Set(valid.map(({ id }) => id.toLowerCase()));
    requests.retain(ids);
    kv.counts.retain(ids);
    return valid.map(({ id, metadata }) => ({
      id,
      version: metadata.version,
      protocol: metadata.protocol,
      status: this.supervisor.status(id),
      requests: requests.of(id),
      kv: kv.counts.of(id),
      lines: logs.lineCounts(id),
      cpuSeconds: resources.cpuSeconds(id),
    }));
  }
}
