import { healthOf, type PluginBudget, type PluginDetails, type PluginEvent, type PluginSummary, type PluginVersion } from '@toru/contracts';
import { timestamp } from '../common';
import type { CatalogueEntry } from './catalogue-entry';
import type { ListedVersion, RuntimeStatus } from './plugin-runtime.port';

/** What there is to tell of one plugin. */
export interface PluginView {
  readonly entry: CatalogueEntry;
  readonly enabled: boolean;
  readonly status: RuntimeStatus;
  /** For its details. */
  readonly budgets?: readonly PluginBudget[];
}

/** What stands for the status of a file that is no valid plugin. */
export function invalidStatus(reason: string): RuntimeStatus {
  return {
    ...{ state: 'invalid', reason, refusal: null, pid: null, startedAt: null, nextRetryAt: null },
    ...{ version: null, digest: null, restarts: 0, consecutiveCrashes: 0, quarantined: [] },
  };
}

export function toSummary({ entry, enabled, status }: PluginView): PluginSummary {
  const metadata = entry.kind === 'valid' ? entry.metadata : undefined;
  return {
    id: entry.id,
    name: metadata?.name ?? entry.file,
    version: metadata?.version ?? null,
    icon: metadata?.icon ?? null,
    route: metadata?.route ?? null,
    author: metadata?.author ?? null,
    description: metadata?.description ?? null,
    homepage: metadata?.homepage ?? null,
    protocol: metadata?.protocol ?? null,
    file: entry.file,
    file_problem: entry.kind === 'valid' ? (entry.fileProblem ?? null) : null,
    enabled,
    status: status.state,
    health: healthOf(status.state),
    reason: status.reason,
    refusal: status.refusal,
    resources: status.resources ?? null,
    has_settings: metadata?.settings_schema !== undefined,
  };
}

/** @param now milliseconds since the epoch */
export function toDetails(view: PluginView, recentEvents: readonly PluginEvent[], now: number): PluginDetails {
  const { entry, status } = view;
  return {
    ...toSummary(view),
    pid: status.pid,
    running_version: status.version,
    started_at: status.startedAt === null ? null : timestamp(status.startedAt),
    uptime_seconds: status.startedAt === null ? null : Math.max(0, Math.floor((now - status.startedAt) / 1000)),
    restarts: status.restarts,
    consecutive_crashes: status.consecutiveCrashes,
    next_retry_at: status.nextRetryAt === null ? null : timestamp(status.nextRetryAt),
    public_paths: entry.kind === 'valid' ? entry.metadata.public_paths : [],
    budgets: view.budgets ?? [],
    quarantined_routes: status.quarantined.map(({ route, since, until, times }) => ({
      ...{ route, since: timestamp(since), until: timestamp(until), times },
    })),
    recent_events: recentEvents,
  };
}

export function toPluginVersion({ version, digest, readyAt, isFile, isTarget }: ListedVersion): PluginVersion {
  const ready_at = readyAt === null ? null : timestamp(readyAt);
  return { version, digest, ready_at, is_file: isFile, is_current: isTarget };
}
