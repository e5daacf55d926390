import { Injectable } from '@nestjs/common';
import type { LogEntry } from '@toru/contracts';
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
    return new PluginActor(id, {
      clock: this.clock,
      limits: this.configuration,
      spawn: (observer) => this.spawner.spawn(entryOf(), observer),
      persist: (enabled) => this.enabled.set(id, enabled),
      lastTrouble: (since) => lastTrouble(this.logs.lastLines(id), since),
      journal: (entry) => {
        this.journal.record({ plugin: id, ...entry });
      },
    });
  }
}

/** The last error since then, or else the last warning: plain text on stderr is one. */
function lastTrouble(lines: readonly LogEntry[], since: number): string | undefined {
  const recent = lines.filter((line) => Date.parse(line.timestamp) >= since);
  const error = recent.findLast((line) => line.level === 'error' || line.level === 'fatal');
  return (error ?? recent.findLast((line) => line.level === 'warn'))?.message;
}
