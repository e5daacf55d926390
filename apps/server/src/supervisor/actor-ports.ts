import type { Clock } from '../common';
import type { ValidEntry } from '../plugins';
import type { ChannelObserver } from '../protocol';
import type { CrashReport } from './crash-report';
import type { FailureRecord } from './failure-record';
import type { HealthLimits } from './health-record';
import type { PluginRun } from './plugin-run';
import type { QuarantineLimits } from './poison-routes';
import type { Refusal } from './refusal';
import type { RestartLimits } from './restart-policy';
import type { Entry } from './supervisor-journal';

/** The version of the plugin that is to run; see `PluginTarget`. */
export interface ActorTarget {
  readonly entry: ValidEntry;
  isOnTrial(entry: ValidEntry): boolean;
  wasReady(entry: ValidEntry): void;
  goBack(failed: ValidEntry, reason: string, refusal?: Refusal): ValidEntry | undefined;
  keyChanged(): boolean;
}

export interface DrainLimits {
  /** How long a process that was replaced may take for what is in flight, in milliseconds. */
  readonly updateDrainMs: number;
}

/** What an actor needs of the world around it. */
export interface ActorPorts {
  readonly clock: Clock;
  readonly limits: RestartLimits & HealthLimits & QuarantineLimits & DrainLimits;
  /** From 0 to 1, for jitter; 0.5 is none. */
  random(): number;
  /** Which version is to run. */
  readonly target: ActorTarget;
  /** Spawns a process of a version; rejects with the system's reason. */
  spawn(entry: ValidEntry, observer: ChannelObserver): Promise<PluginRun>;
  /** Saves whether the plugin is enabled (LIF-3). */
  persist(enabled: boolean): Promise<void>;
  /** What earlier runs of the host remember of its failures. */
  readonly remembered: FailureRecord;
  /** Remembers its failures; never fails its caller. */
  remember(record: FailureRecord): void;
  /** The last trouble that the plugin told of, at `since` (ms since the epoch) or later: for the reason of a crash. */
  lastTrouble(since: number): string | undefined;
  /** Keeps all that is known of a crash; never fails its caller. */
  crashed(report: CrashReport): void;
  journal(entry: Omit<Entry, 'plugin'>): void;
}
