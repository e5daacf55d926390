import type { SETTINGS } from './settings';

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends { readonly fallback: infer F; readonly parse: (text: string) => infer P }
  ? F | (P extends { readonly value: infer V } ? V : never)
  : never;

/** The values of all settings; absent ones have their default, directories are as they were written. */
export type SettingValues = { readonly [K in keyof Settings]: ValueOf<Settings[K]> };

/** Where things are, as absolute paths that exist and can be used. */
export interface Directories {
  readonly pluginsDir: string;
  readonly dataDir: string;
  readonly logDir: string;
  readonly runDir: string;
}

/** The configuration of this host: every setting checked, every directory there. Frozen. */
export abstract class Configuration implements Omit<SettingValues, keyof Directories>, Directories {
  abstract readonly host: string;
  abstract readonly port: number;
  abstract readonly publicUrl: string | undefined;
  abstract readonly trustedProxies: string;
  abstract readonly metricsAddress: string | undefined;
  abstract readonly pluginsDir: string;
  abstract readonly dataDir: string;
  abstract readonly logDir: string;
  abstract readonly runDir: string;
  abstract readonly databaseUrl: string | undefined;
  abstract readonly adminUsername: string;
  abstract readonly adminPassword: string | undefined;
  abstract readonly enableNewPlugins: boolean;
  abstract readonly startParallel: number;
  abstract readonly metadataTimeoutMs: number;
  abstract readonly readyTimeoutMs: number;
  abstract readonly requestTimeoutMs: number;
  abstract readonly maxBodyBytes: number;
  abstract readonly maxUploadBytes: number;
  abstract readonly pluginConcurrency: number;
  abstract readonly pluginRequests: number;
  abstract readonly pluginQueue: number;
  abstract readonly pluginQueueMs: number;
  abstract readonly streamIdleMs: number;
  abstract readonly pluginSockets: number;
  abstract readonly kvQuotaBytes: number;
  abstract readonly healthIntervalMs: number;
  abstract readonly pingTimeoutMs: number;
  abstract readonly resourceIntervalMs: number;
  abstract readonly cgroup: string;
  abstract readonly pluginMemoryBytes: number;
  abstract readonly pluginCpuPercent: number;
  abstract readonly pluginOpenFiles: number;
  abstract readonly pluginProcesses: number;
  abstract readonly unhealthyAfterChecks: number;
  abstract readonly restartAfterChecks: number;
  abstract readonly healthyAfterMs: number;
  abstract readonly maxCrashes: number;
  abstract readonly crashWindowMs: number;
  abstract readonly crashWindowLimit: number;
  abstract readonly crashesKept: number;
  abstract readonly quarantineAfterCrashes: number;
  abstract readonly quarantineMs: number;
  abstract readonly quarantineMaxMs: number;
  abstract readonly backoffBaseMs: number;
  abstract readonly backoffMaxMs: number;
  abstract readonly backoffJitterPercent: number;
  abstract readonly shutdownGraceMs: number;
  abstract readonly killDelayMs: number;
  abstract readonly drainMs: number;
  abstract readonly updateDrainMs: number;
  abstract readonly watchPlugins: boolean;
  abstract readonly settleMs: number;
  abstract readonly logLevel: SettingValues['logLevel'];
  abstract readonly logMaxBytes: number;
  abstract readonly logFiles: number;
  /** Sentences that the start block repeats, such as where the logs went instead. */
  abstract readonly notices: readonly string[];
}

/** The start is refused; `problems` has one sentence for each thing that is wrong. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}
