import type {
  HttpRequestV1,
  HttpResponseV1,
  JsonObject,
  KvRequestV1,
  LicenseOutcome,
  PluginBudget,
  PluginResources,
  PluginState,
  Refusal,
  SettingsOutcome,
} from '@toru/contracts';
import type { CatalogueEntry, ValidEntry } from './catalogue-entry';

/** How a plugin does at this moment. Times are milliseconds since the epoch. */
export interface RuntimeStatus {
  readonly state: PluginState;
  /** Why it is disabled by the supervisor, waiting, unhealthy or failed; null where there is nothing to say. */
  readonly reason: string | null;
  /** What it has failed for; null while it has not failed. */
  readonly refusal: Refusal | null;
  readonly pid: number | null;
  /** When the process that runs now became ready. */
  readonly startedAt: number | null;
  /** How often it was spawned again since the host started. */
  readonly restarts: number;
  readonly consecutiveCrashes: number;
  /** When it is spawned again, while it waits in `backoff`. */
  readonly nextRetryAt: number | null;
  /** Of the process that serves or is on its way to it; null while there is none. */
  readonly version: string | null;
  readonly digest: string | null;
  /** Routes that are kept from it because they crash it. */
  readonly quarantined: readonly {
    readonly route: string;
    readonly since: number;
    readonly until: number;
    readonly times: number;
  }[];
  /** What its processes use; absent where it was not measured. */
  readonly resources?: PluginResources | null;
}

/** A version of a plugin, as the list of its versions shows it. */
export interface ListedVersion {
  readonly version: string;
  /** SHA-256 of the file, in lower-case hexadecimal. */
  readonly digest: string;
  /** When it was ready for the last time, in milliseconds since the epoch; null: it never was. */
  readonly readyAt: number | null;
  /** It is the file in the plugins directory. */
  readonly isFile: boolean;
  /** It is what runs, or is to run. */
  readonly isTarget: boolean;
}

export interface RuntimeRequestOptions {
  readonly requestId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** For the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * What the catalogue's controllers ask of whoever runs the plugins; the supervisor implements it. Operations on one
 * plugin are serialised there, and it records the enabled state as a part of them (LIF-5).
 */
export abstract class PluginRuntime {
  /** @param id compared without case; one that it does not know is `disabled` */
  abstract status(id: string): RuntimeStatus;

  /** What it may use of the machine, and who sees to it. */
  abstract budgets(entry: ValidEntry): readonly PluginBudget[];

  /**
   * Records the plugin as enabled, starts it and resolves when it is ready (LIF-1).
   * @throws AppError `plugin_start_failed` when it did not become ready, `enabled_state_unusable`, `shutting_down`, or
   * `conflict` when a later command overtook this one
   */
  abstract enable(entry: ValidEntry): Promise<'enabled' | 'already_enabled'>;

  /**
   * Records the plugin as not enabled and resolves when its process has ended (LIF-2). Takes invalid entries too, so
   * that a plugin whose file is broken now does not start once it is repaired.
   * @throws AppError `enabled_state_unusable`, `shutting_down`, `conflict`
   */
  abstract disable(entry: CatalogueEntry): Promise<'disabled' | 'already_disabled'>;

  /**
   * Brings changed settings to the plugin. One that had refused to run is started again, since settings may have been the
   * reason. Never rejects: what it does not get now it gets when it starts.
   */
  abstract applySettings(id: string, settings: JsonObject): SettingsOutcome;

  /**
   * Its licence key is another one now. One that had refused to run is started again; one that runs gets the key at its
   * next start. Never rejects.
   */
  abstract licenceChanged(id: string): LicenseOutcome;

  /**
   * Ends its process and starts another one; resolves when that is ready. One that waits after a crash, or has failed, is
   * started at once.
   * @throws AppError `conflict` when it is not enabled, `plugin_start_failed`, `shutting_down`
   */
  abstract restart(entry: ValidEntry): Promise<void>;

  /**
   * Forgets its crashes and ends its quarantines. One that waits, has failed or was disabled by the supervisor is tried
   * again at once (and recorded as enabled); one that somebody has disabled stays disabled. Resolves when it is ready, or
   * has failed again.
   * @throws AppError `enabled_state_unusable`, `shutting_down`, `conflict`
   */
  abstract reset(entry: ValidEntry): Promise<void>;

  /** The versions of a plugin that can be chosen, the newest first (SUP-8). */
  abstract versions(id: string): readonly ListedVersion[];

  /**
   * Lets another version run: the one whose digest begins so, or the one that ran before. Resolves with it when it has
   * taken over, or is what starts next.
   * @throws AppError `conflict` where there is none, several begin so, or it runs already, `plugin_start_failed` where it
   * did not become ready: what served before goes on then; `shutting_down`
   */
  abstract chooseVersion(entry: ValidEntry, digest: string | undefined): Promise<ValidEntry>;

  /**
   * One exchange with the running plugin, never repeated.
   * @throws AppError `plugin_unavailable` when it does not run, `plugin_error`, `plugin_timeout`, `plugin_busy`
   */
  abstract request(id: string, request: HttpRequestV1, options: RuntimeRequestOptions): Promise<HttpResponseV1>;

  /**
   * Asks the running plugin for an operation on the storage that it keeps itself (KV-8); never repeated. Resolves with
   * the value that it answers.
   * @throws AppError `plugin_unavailable` when it does not run, `plugin_error`, `plugin_timeout`, `plugin_busy`
   */
  abstract kv(id: string, request: KvRequestV1, options: RuntimeRequestOptions): Promise<string | null>;
}
