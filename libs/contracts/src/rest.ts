import type { HttpLimits } from './http-limits';
import type { PluginHealth, PluginState } from './plugin-state';
import type { JsonObject, ProtocolVersion } from './plugin-metadata';

/** Who may do what: an `admin` changes things, a `viewer` sees and uses plugins. */
export const ROLES = ['admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A list that is not paginated. */
export interface List<T> {
  items: readonly T[];
}

/** All installed plugins, as far as the host has looked into them. */
export interface PluginList extends List<PluginSummary> {
  /** The host has not looked into all files of its plugins directory yet: plugins may be missing from the list. */
  reading: boolean;
  /** Why the plugins directory cannot be read, with what to do about it; null where it can. */
  problem: string | null;
}

/** One page of a list, newest first. `page` counts from 1. */
export interface Page<T> extends List<T> {
  page: number;
  page_size: number;
  has_more: boolean;
}

/** What a plugin uses of the machine, its children included. */
export interface PluginResources {
  /** Of one core, since the sample before. */
  cpu_percent: number;
  /** Resident memory; pages that its processes share count for each of them. */
  memory_bytes: number;
  /** Null where the system does not tell. */
  open_files: number | null;
  processes: number;
  sampled_at: string;
}

export const BUDGETED_RESOURCES = ['memory_bytes', 'cpu_percent', 'processes', 'open_files'] as const;
export type BudgetedResource = (typeof BUDGETED_RESOURCES)[number];
export const BUDGET_KEEPERS = ['cgroup', 'sampling', 'rlimit'] as const;

/** What a plugin may use of one resource: the tighter one of what it says itself and what the host's settings say. */
export interface PluginBudget {
  resource: BudgetedResource;
  limit: number;
  /** The `limits` of its metadata; null: it says nothing. */
  declared: number | null;
  /** The host's setting; null: no bound. */
  host: number | null;
  /**
   * By whom it is held for the process that runs: the kernel, or samples that end the plugin (processor time: that warn).
   * Null while none runs.
   */
  enforced_by: (typeof BUDGET_KEEPERS)[number] | null;
}

/** What a plugin may refuse to run for: its licence, or its settings (SUP-10). */
export const REFUSALS = ['license', 'config'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** One installed plugin, valid or not (API-1). */
export interface PluginSummary {
  /** The plugin's id; for a file without valid metadata an id made from its name. */
  id: string;
  name: string;
  version: string | null;
  icon: string | null;
  route: string | null;
  author: string | null;
  description: string | null;
  homepage: string | null;
  protocol: ProtocolVersion | null;
  /** The file's name in the plugins directory. */
  file: string;
  /** Why its file cannot be used as it is now; the version before it goes on (SUP-8). Null where it can. */
  file_problem: string | null;
  enabled: boolean;
  status: PluginState;
  health: PluginHealth;
  /** Why it is invalid, disabled by the supervisor, waiting or failed; null where there is nothing to say. */
  reason: string | null;
  /** What it has failed for, by its own word; null while it has not failed. */
  refusal: Refusal | null;
  /** Null while no process of it runs, or none was measured yet. */
  resources: PluginResources | null;
  /** It declares settings, usable or not (MGR-5). */
  has_settings: boolean;
}

/** One plugin in detail (API-2). Times are RFC 3339 in UTC. */
export interface PluginDetails extends PluginSummary {
  pid: number | null;
  /** The version of the process that runs: another one than `version`, that of the file, while that one is not taken. */
  running_version: string | null;
  /** When the process that runs now became ready. */
  started_at: string | null;
  uptime_seconds: number | null;
  /** How often the supervisor has spawned it again since the host started. */
  restarts: number;
  consecutive_crashes: number;
  /** When it is spawned again, while it waits in `backoff`. */
  next_retry_at: string | null;
  public_paths: readonly string[];
  /** Of the resources that have a bound. */
  budgets: readonly PluginBudget[];
  /** Routes that are kept from it because they crash it. */
  quarantined_routes: readonly QuarantinedRoute[];
  recent_events: readonly PluginEvent[];
}

/** What an operation on a plugin's life did (LIF-1, LIF-2). */
export interface LifecycleAnswer {
  outcome: 'enabled' | 'already_enabled' | 'disabled' | 'already_disabled' | 'restarted' | 'reset' | 'rolled_back';
  /** One sentence for people. */
  message: string;
  plugin: PluginDetails;
}

/** A version of a plugin that is kept (SUP-8). */
export interface PluginVersion {
  version: string;
  /** SHA-256 of its file, in lower-case hexadecimal. */
  digest: string;
  /** When it was ready for the last time; null: it never was. */
  ready_at: string | null;
  /** It is the file in the plugins directory. */
  is_file: boolean;
  /** It is what runs, or what starts next. */
  is_current: boolean;
}

/** Which version is to run; without `digest` the one that ran before. */
export interface RollbackRequest {
  digest?: string;
}

/** A route that is kept from a plugin because it was in flight at repeated crashes. */
export interface QuarantinedRoute {
  /** Method and path below the plugin's route; `*` stands for an id. */
  route: string;
  since: string;
  until: string;
  /** How often it was kept from the plugin in a row. */
  times: number;
}

/** One crash of a plugin, as a list shows it. */
export interface CrashSummary {
  id: number;
  timestamp: string;
  /** The plugin's version. */
  version: string | null;
  /** How it ended, in words. */
  reason: string;
  exit_code: number | null;
  signal: string | null;
  /** Whether something says that it had run out of memory. */
  out_of_memory: boolean;
  /** From its spawn to its end. */
  uptime_ms: number;
  /** How many requests were in flight. */
  requests_in_flight: number;
  /** The route that alone was in flight. */
  blamed_route: string | null;
  /** What followed: it was started again, or disabled. */
  decision: 'restart' | 'disable';
}

/** All that is known of one crash. */
export interface CrashDetails extends CrashSummary {
  plugin_id: string;
  pid: number | null;
  /** Whether the host ended it, because it was silent or broke its connection. */
  ended_by_host: boolean;
  /** How long it had been ready; 0: it never was. */
  ready_ms: number;
  consecutive_crashes: number;
  /** What speaks for a lack of memory, one sentence each. */
  memory_signs: readonly string[];
  /** Those in flight: never with a query, headers or a body. */
  requests: readonly CrashRequest[];
  /** Its last lines, oldest first. */
  log: readonly CrashLogLine[];
  /** Its last samples, oldest first. */
  samples: readonly ResourceSample[];
  /** When it crashed within the window, this crash included, oldest first. */
  timeline: readonly string[];
}

/** A request that was in flight at a crash. */
export interface CrashRequest {
  method: string;
  /** Below the plugin's route, without query. */
  path: string;
  /** How long it had been in flight. */
  for_ms: number;
}

/** A line of the log, as a crash keeps it. */
export interface CrashLogLine {
  timestamp: string;
  level: LogLevel;
  message: string;
}

/** What a plugin's processes used at a moment. */
export interface ResourceSample {
  timestamp: string;
  /** Of one core. */
  cpu_percent: number;
  memory_bytes: number;
  /** Null: it has no limit. */
  memory_limit_bytes: number | null;
}

/** One row of `plugin_events` (OBS-3). */
export interface PluginEvent {
  id: number;
  plugin_id: string;
  event_type: string;
  timestamp: string;
  details: Record<string, unknown>;
}

/** One line of a log file (OBS-1, OBS-2). Further fields are the writer's own. */
export interface LogEntry {
  timestamp: string;
  level: LogLevel;
  plugin: string;
  message: string;
  error?: unknown;
  [field: string]: unknown;
}

/** Whose storage an operation is for: the namespace that the host keeps for the plugin, or what the plugin keeps itself. */
export const KV_STORES = ['host', 'plugin'] as const;
export type KvStoreName = (typeof KV_STORES)[number];

/** `POST /api/plugins/:id/kv` (KV-7, KV-8). */
export interface KvRequest {
  /** `host` unless given. */
  store?: KvStoreName;
  action: 'get' | 'set' | 'delete';
  key: string;
  value?: string | null;
}
export interface KvAnswer {
  value: string | null;
}

export interface LoginRequest {
  username: string;
  password: string;
}

/** The caller, as `GET /api/auth/me` tells. */
export interface CurrentUser {
  id: string;
  name: string;
  role: Role;
  /** How the caller proved who it is. */
  kind: 'session' | 'token';
  /** The password was generated: nothing else answers until it is changed. */
  must_change_password: boolean;
}

export interface ApiToken {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  created_by: string;
  /** Null: it does not expire. */
  expires_at: string | null;
  last_used_at: string | null;
}

/** The answer to the creation of a token: the only time that its secret is shown. */
export interface CreatedApiToken extends ApiToken {
  token: string;
}

export interface InstanceInfo {
  instance_id: string;
  version: string;
}

/** The settings of a plugin (MGR-5); secrets are named, never shown. */
export interface PluginSettings {
  plugin: string;
  /** What may be set: a flat JSON Schema; null where the plugin declares none, or none that can be used. */
  schema: JsonObject | null;
  /** Why what it declares cannot be used. */
  problem: string | null;
  /** What applies: what was set, and defaults for the rest. */
  values: JsonObject;
  /** Secrets that have a value. */
  secrets_set: readonly string[];
  /** Required settings without a value. */
  missing: readonly string[];
  /** Counts the changes; 0: nothing was ever set. */
  revision: number;
  updated_at: string | null;
}

/** What became of a change: the plugin has it, it needs a restart for it, or it gets it when it starts. */
export type SettingsOutcome = 'live' | 'restart_required' | 'next_start' | 'started';

export interface PluginSettingsAnswer extends PluginSettings {
  applied: SettingsOutcome;
}

/** A change of settings. Values that are not named stay as they are; null goes back to the default. */
export interface PluginSettingsChange {
  values: JsonObject;
  /** Refuses the change if the settings have another revision by now. */
  if_revision?: number;
}

/**
 * How the licence of a plugin stands, as far as the host can read its key: only the plugin itself decides whether the key is
 * good. `unreadable`: it is of a form that the host does not know. `expiring`: it ends within 30 days.
 */
export const LICENSE_STATES = [
  ...(['none', 'unreadable', 'other_instance', 'other_plugin', 'valid', 'expiring', 'expired'] as const),
] as const;
export type LicenseState = (typeof LICENSE_STATES)[number];

/** Where the key comes from that the plugin gets: somebody has entered it, or a file beside the plugin has it. */
export const LICENSE_SOURCES = ['entered', 'file'] as const;
export type LicenseSource = (typeof LICENSE_SOURCES)[number];

/** What a key says of itself; the host has no means to verify it. Dates are `YYYY-MM-DD`, the end of the day in UTC. */
export interface LicenseTerms {
  form: 'hmac' | 'ed25519';
  instance_id: string;
  /** It was issued for this installation. */
  this_instance: boolean;
  /** Null: it does not expire. */
  expires: string | null;
  /** From here on null or empty in the form `hmac`, which does not carry it. */
  plugin: string | null;
  id: string | null;
  customer: string | null;
  issued: string | null;
  /** Versions that were released until then may be used; null: every version. */
  updates_until: string | null;
  features: readonly string[];
}

/** The file of a licence key beside the plugin, `<id>.license`. */
export interface LicenseFile {
  name: string;
  /** Why it is not used; null: it holds a key. */
  problem: string | null;
}

/** The licence of a plugin (LIC-1). The key itself is shown masked alone. */
export interface PluginLicense {
  plugin: string;
  /** Its metadata says that it needs one. */
  required: boolean;
  state: LicenseState;
  /** Null: it has no key. */
  source: LicenseSource | null;
  /** The first and the last four characters; of a short key none. */
  key: string | null;
  entered_at: string | null;
  /** Null: there is none. A key that was entered goes before it. */
  file: LicenseFile | null;
  /** Null where there is no key, or it cannot be read. */
  terms: LicenseTerms | null;
  /** The last day counts; 0: it has ended. Null: it does not end, or nothing is known. */
  days_left: number | null;
}

/**
 * What became of a changed key: the plugin runs and gets it at its next start, it does not run and gets it when it does, it
 * had refused to run and is started again, a version of it that had refused is tried beside the one that runs on, or it is
 * the key that it had.
 */
export const LICENSE_OUTCOMES = ['restart_required', 'next_start', 'started', 'update_retried', 'unchanged'] as const;
export type LicenseOutcome = (typeof LICENSE_OUTCOMES)[number];

export interface PluginLicenseAnswer extends PluginLicense {
  applied: LicenseOutcome;
}

export interface PluginLicenseChange {
  /** One line of at most 4096 printable ASCII characters; white space around it is left out. */
  key: string;
}

/** Whether the host's clock goes on from the highest time that it has seen. */
export interface ClockState {
  set_back: boolean;
  now: string;
  highest_seen: string;
}

/** The licences of all valid plugins that have a key or need one. */
export interface LicenseOverview extends List<PluginLicense> {
  clock: ClockState;
}

/** How requests to a plugin are bounded, and by whom. */
export interface PluginLimits {
  plugin: string;
  /** By an administrator. */
  set: HttpLimits;
  /** By the plugin's metadata. */
  proposed: HttpLimits;
  /** By the host's settings. */
  host: HttpLimits;
  /** What comes of the three; `paths`: where somebody has a rule. */
  effective: HttpLimits;
  /** Counts the changes; 0: nothing was ever set. */
  revision: number;
  updated_at: string | null;
}

/** All that is to be set. */
export interface PluginLimitsChange {
  limits: JsonObject;
  /** Refuses the change if the limits have another revision by now. */
  if_revision?: number;
}
