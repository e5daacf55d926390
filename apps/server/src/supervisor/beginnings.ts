import { Injectable } from '@nestjs/common';
import { Clock } from '../common';
import { EnabledState, VersionStore, type ValidEntry } from '../plugins';
import { ActorFactory } from './actor-factory';
import { OrphanReaper } from './orphan-reaper';
import { PluginTarget } from './plugin-target';

/** What earlier runs of the host have left: processes to end, and what is remembered of the plugins. */
@Injectable()
export class Beginnings {
  constructor(
    private readonly orphans: OrphanReaper,
    private readonly enabled: EnabledState,
    private readonly actors: ActorFactory,
    private readonly versions: VersionStore,
    private readonly clock: Clock,
  ) {}

  /** Ends what runs still (SUP-6), and reads what is remembered; before anything is started. */
  async prepare(): Promise<void> {
    await this.orphans.end();
    await this.enabled.load();
    await this.versions.load();
    await this.actors.prepare();
  }

  /** Which version of a plugin is to run, by what is remembered of it. */
  target(entry: ValidEntry): PluginTarget {
    return new PluginTarget(entry, this.versions, this.clock);
  }
}
