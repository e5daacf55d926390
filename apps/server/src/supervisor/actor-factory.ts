import { Injectable } from '@nestjs/common';
import { Clock } from '../common';
import { Configuration } from '../config';
import { EnabledState } from '../plugins';
import { PluginActor } from './plugin-actor';
import { PluginRecords } from './plugin-records';
import { PluginSpawner } from './plugin-spawner';
import type { PluginTarget } from './plugin-target';

/** Puts an actor into its world. */
@Injectable()
export class ActorFactory {
  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly enabled: EnabledState,
    private readonly spawner: PluginSpawner,
    private readonly records: PluginRecords,
  ) {}

  /** Reads what earlier runs of the host remember of the plugins; to be done before the first is created. */
  async prepare(): Promise<void> {
    await this.records.load();
  }

  create(id: string, target: PluginTarget): PluginActor {
    return new PluginActor(id, {
      clock: this.clock,
      limits: this.configuration,
      random: () => Math.random(),
      target,
      spawn: (entry, observer) => this.spawner.spawn(entry, observer),
      persist: (enabled) => this.enabled.set(id, enabled),
      ...this.records.of(id, () => target.entry.metadata.version),
    });
  }
}
