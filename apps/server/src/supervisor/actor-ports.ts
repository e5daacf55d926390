import type { Clock } from '../common';
import type { ChannelObserver } from '../protocol';
import type { HealthLimits } from './health-record';
import type { PluginRun } from './plugin-run';
import type { RestartLimits } from './restart-policy';
import type { Entry } from './supervisor-journal';

/** What an actor needs of the world around it. */
export interface ActorPorts {
  readonly clock: Clock;
  readonly limits: RestartLimits & HealthLimits;
  /** Spawns a process of the plugin's file as it is now; rejects with the system's reason. */
  spawn(observer: ChannelObserver): Promise<PluginRun>;
  /** Saves whether the plugin is enabled (LIF-3). */
  persist(enabled: boolean): Promise<void>;
  /** The last trouble that the plugin told of, at `since` (ms since the epoch) or later: for the reason of a crash. */
  lastTrouble(since: number): string | undefined;
  journal(entry: Omit<Entry, 'plugin'>): void;
}
