import { Injectable } from '@nestjs/common';
import { Clock } from '../common';
import { Configuration } from '../config';
import { EnabledState, type ValidEntry } from '../plugins';
import { PluginActor } from './plugin-actor';
import { PluginRecords } from './plugin-records';
import { PluginSpawner } from './plugin-spawner';

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

  /** `entryOf` gives the plugin's file as it is when a process is spawned. */
  create(id: string, entryOf: () => ValidEntry): PluginActor {
    return new PluginActor(id, {
      clock: this.clock,
      limits: this.configuration,
      random: () => Math.random(),
      spawn: (observer) => this.spawner.spawn(entryOf(), observer),
      persist: (enabled) => this.enabled.set(id, enabled),
      ...this.records.of(id, () => entryOf().metadata.version),
    });
  }
}
