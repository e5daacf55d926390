import { Injectable } from '@nestjs/common';
import type { LogLevel } from '@toru/contracts';
import { Clock } from '../common';
import { Configuration } from '../config';
import { LogsService } from '../logs';
import { EnabledState, type ValidEntry } from '../plugins';
import { PluginActor } from './plugin-actor';
import { PluginSpawner } from './plugin-spawner';
import { SupervisorJournal } from './supervisor-journal';

/** Levels that say why a process ended. */
const TROUBLE: ReadonlySet<LogLevel> = new Set(['warn', 'error', 'fatal']);

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
          lost: (reason) => {
            actor.noteLost(reason);
          },
          answered: () => {
            actor.noteAnswer();
          },
        }),
      persist: (enabled) => this.enabled.set(id, enabled),
      lastTrouble: (since) =>
        this.logs.lastLines(id).findLast((line) => TROUBLE.has(line.level) && Date.parse(line.timestamp) >= since)
          ?.message,
      journal: (entry) => {
        this.journal.record({ plugin: id, ...entry });
      },
    });
    return actor;
  }
}
