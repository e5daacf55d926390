import type { JsonObject, PluginMetadata, ProtocolVersion } from '@toru/contracts';

/** Routes that a plugin may have so that more of it can be tried (docs/conformance.md); paths without its own route. */
export const ROUTES = {
  echo: '/conformance/echo',
  slow: '/conformance/slow',
  download: '/conformance/download',
  kv: '/conformance/kv',
  tell: '/conformance/tell',
  flood: '/conformance/flood',
  websocket: '/conformance/websocket',
} as const;

export type RouteName = keyof typeof ROUTES;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

export interface ConformanceOptions {
  /** An absolute path. */
  readonly executable: string;
  /** Before `--metadata`, and alone for the start. */
  readonly args: readonly string[];
  /** Added to what the host would give. */
  readonly env: Readonly<Record<string, string>>;
  /** Which version is spoken; absent: the one of the metadata. */
  readonly protocol?: ProtocolVersion;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Milliseconds for each answer, and for each end of a process beyond what the protocol gives. */
  readonly timeoutMs: number;
  /** Milliseconds for `--metadata`. */
  readonly metadataTimeoutMs: number;
  /** Milliseconds from the start to the socket and to `ready`. */
  readonly readyTimeoutMs: number;
  readonly graceMs: number;
  /** Milliseconds from SIGTERM to the end: what the host waits before SIGKILL (`TORU_KILL_DELAY_MS`). */
  readonly killDelayMs: number;
  readonly routes: Readonly<Partial<Record<RouteName, string>>>;
  /** Whether the plugin answers `kv` messages of the host (KV-8) in version 1. */
  readonly kvStore: boolean;
  /** For `init` and `lifecycle/settings`; valid against the plugin's schema. */
  readonly settings: JsonObject;
  readonly licenseKey?: string;
  /** The installation that the plugin runs in, as licence keys name it; absent: a new UUID v4. */
  readonly instanceId?: string;
  /** What an earlier run has read of the metadata; absent: they are asked for first. Their own checks ask in any case. */
  readonly known?: Pick<PluginMetadata, 'id' | 'protocol'>;
}

/** What the protocol gives a plugin (docs/protocol.md), and the kit's own patience. */
export const DEFAULT_OPTIONS = {
  args: [],
  env: {},
  only: [],
  skip: [],
  timeoutMs: 5_000,
  metadataTimeoutMs: 5_000,
  readyTimeoutMs: 10_000,
  graceMs: 5_000,
  killDelayMs: 2_000,
  routes: {},
  kvStore: false,
  settings: {},
} as const satisfies Omit<ConformanceOptions, 'executable'>;

/** Whether an id is chosen: `v2`, `v2/`, `v2/cancel` and `v2/can` all select `v2/cancel`. */
export function isSelected(id: string, { only, skip }: Pick<ConformanceOptions, 'only' | 'skip'>): boolean {
  const startsWith = (prefix: string): boolean => id.startsWith(prefix);
  return (only.length === 0 || only.some(startsWith)) && !skip.some(startsWith);
}
