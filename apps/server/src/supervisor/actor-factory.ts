import { Injectable } from '@nestjs/common';
import { Clock } from '../common';
import { Configuration } from '../config';
import { LogsService } from '../logs';
import { EnabledState, type ValidEntry } from '../plugins';
import { PluginActor } from './plugin-actor';
import { PluginSpawner } from './plugin-spawner';
import { SupervisorJournal } from './supervisor-journal';

/** Puts an actor into its world. */
@Injectable()
export class ActorFactory {
  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly logs: LogsService,
    private readonly enabled: EnabledState,
    private readonly spawner: PluginSpawner,
    private readonly journal: SupervisorJournal,
  ) {}

  /** `entryOf` gives the plugin's file as it is when a process is spawned. */
  create(id: string, entryOf: () => ValidEntry): PluginActor {
    const actor: PluginActor = new PluginActor(id, {
      clock: this.clock,
      limits: this.configuration,
      spawn: () =>
        this.spawner.spawn(entryOf(), {
          protocolError: (reason) => {
            actor.noteProtocolError(reason);
          },
          answered: () => {
            actor.noteAnswer();
          },
        }),
      persist: (enabled) => this.enabled.set(id, enabled),
      lastLine: () => this.logs.lastLines(id).at(-1)?.message,
      journal: (entry) => {
        this.journal.record({ plugin: id, ...entry });
      },
    });
    return actor;
  }
}
