import type { HttpLimits } from './http-limits';

/** What `<file> --metadata` prints (protocol §1), after validation. */
export interface PluginMetadata {
  /** `^[a-z0-9][a-z0-9-]{0,63}$`; upper-case letters are accepted from existing plugins and compared without case. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** An emoji or a short text. */
  readonly icon: string;
  /** `/` and one segment of the alphabet of ids. */
  readonly route: string;
  readonly author?: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly protocol: ProtocolVersion;
  /** Paths below the route that are forwarded without authentication; a last segment `*` matches everything below. */
  readonly public_paths: readonly string[];
  /** JSON Schema of the plugin's section of the settings page. */
  readonly settings_schema?: JsonObject;
  readonly license: 'required' | 'none';
  /** What the plugin says is enough for it. */
  readonly limits?: ResourceLimits;
  /** How it would have its requests treated; an administrator may say otherwise. */
  readonly http?: HttpLimits;
}

/** What a plugin may use of the machine, its children included. An absent field is no limit. */
export interface ResourceLimits {
  readonly memory_bytes?: number;
  /** Of one core. */
  readonly cpu_percent?: number;
  /** For each of its processes. */
  readonly open_files?: number;
  readonly processes?: number;
}

export type ProtocolVersion = 1 | 2;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Segments that follow `/api/plugins/:id/` and belong to the host; all others are forwarded to the plugin (RTE-3). */
export const MANAGEMENT_ENDPOINTS = [
  ...(['enable', 'disable', 'restart', 'reset', 'crashes', 'versions', 'rollback'] as const),
  ...(['logs', 'events', 'kv', 'settings', 'license', 'limits', 'bundle.js', 'openapi.json'] as const),
] as const;

/** Ids and routes that no plugin may take: they stand for something of the host's, or for a property of every object. */
export const RESERVED_IDS: readonly string[] = [
  'route',
  'rescan',
  'events',
  'stream',
  'api',
  'console',
  'plugins',
  'constructor',
  'prototype',
  'tostring',
  'tolocalestring',
  'valueof',
  'hasownproperty',
  'isprototypeof',
  'propertyisenumerable',
];
