import type { PluginHealth, PluginState } from './plugin-state';
import type { ProtocolVersion } from './plugin-metadata';

/** Who may do what: an `admin` changes things, a `viewer` sees and uses plugins. */
export const ROLES = ['admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A list that is not paginated. */
export interface List<T> {
  items: readonly T[];
}

/** One page of a list, newest first. `page` counts from 1. */
export interface Page<T> extends List<T> {
  page: number;
  page_size: number;
  has_more: boolean;
}

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
  enabled: boolean;
  status: PluginState;
  health: PluginHealth;
  /** Why it is invalid, disabled by the supervisor, waiting or failed; null where there is nothing to say. */
  reason: string | null;
}

/** One plugin in detail (API-2). Times are RFC 3339 in UTC. */
export interface PluginDetails extends PluginSummary {
  pid: number | null;
  /** When the process that runs now became ready. */
  started_at: string | null;
  uptime_seconds: number | null;
  /** How often the supervisor has spawned it again since the host started. */
  restarts: number;
  consecutive_crashes: number;
  /** When it is spawned again, while it waits in `backoff`. */
  next_retry_at: string | null;
  public_paths: readonly string[];
  recent_events: readonly PluginEvent[];
}

/** What enabling or disabling did (LIF-1, LIF-2). */
export interface LifecycleAnswer {
  outcome: 'enabled' | 'already_enabled' | 'disabled' | 'already_disabled';
  /** One sentence for people. */
  message: string;
  plugin: PluginDetails;
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
