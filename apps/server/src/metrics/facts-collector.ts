import { Injectable } from '@nestjs/common';
import { RequestMeters } from '../gateway';
import { AppError } from '../common';
import { KvService } from '../kv';
import { LicenceTerms } from '../licences';
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
    private readonly licences: LicenceTerms,
  ) {}

  /** Days left of each licence key that ends, by id in lower case; none while the database does not answer. */
  async licenceDays(): Promise<ReadonlyMap<string, number>> {
    try {
      return await this.licences.daysLeft();
    } catch (error) {
      if (error instanceof AppError) return new Map();
      throw error;
    }
  }
}

/** Reads what every plugin that is there has done; of those that are gone nothing is kept. */
@Injectable()
export class FactsCollector {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly supervisor: PluginSupervisor,
    private readonly counters: PluginCounters,
  ) {}

  /** Files that cannot be used, those of plugins whose version before goes on among them. */
  get invalidPlugins(): number {
    return this.catalogue.list().filter((entry) => entry.kind !== 'valid' || entry.fileProblem !== undefined).length;
  }

  async plugins(): Promise<PluginFacts[]> {
    const days = await this.counters.licenceDays();
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
      isOverCpu: resources.isOverCpu(id),
      licenceDays: days.get(id.toLowerCase()),
    }));
  }
}
