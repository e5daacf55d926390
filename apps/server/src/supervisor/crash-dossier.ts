import type { CrashLogLine, LogEntry, ResourceSample } from '@toru/contracts';
import { timestamp } from '../common';
import type { CrashReport } from './crash-report';
import type { NewCrash } from './crash-store.port';
import { memorySigns } from './memory-signs';
import { redact } from './redact';

/** What goes into the document of a crash beside the report. */
export interface CrashTrace {
  readonly plugin: string;
  readonly version: string | null;
  /** The last lines of the plugin's log, oldest first. */
  readonly lines: readonly LogEntry[];
  readonly samples: readonly ResourceSample[];
  /** In the cgroup of the host; 0 where the plugin has one of its own. */
  readonly oomKills: number;
}

const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 2_000;
/** All lines together, in characters: the oldest are left out. */
const MAX_LOG_CHARACTERS = 128 * 1024;
const MAX_REASON_CHARACTERS = 1_000;
const MAX_REQUESTS = 100;
const MAX_SAMPLES = 120;
const MAX_TIMELINE = 100;

/** Pure: the document of a crash. Bounded in size, without queries and without what looks like a credential. */
export function crashDossier(report: CrashReport, { plugin, version, lines, samples, oomKills }: CrashTrace): NewCrash {
  const { exit, endedByHost } = report;
  // what the process before said and used, perhaps of another version, tells nothing of this one
  const isOwn = ({ timestamp: at }: { readonly timestamp: string }): boolean => Date.parse(at) >= report.spawnedAt;
  const own = lines.filter(isOwn);
  const ownSamples = samples.filter(isOwn);
  const signs = memorySigns({
    killedByOthers: exit?.signal === 'SIGKILL' && !endedByHost,
    oomKills,
    ownOomKills: report.oomKills ?? 0,
    samples: ownSamples,
    lines: own.map((line) => line.message),
  }).map(redact);
  return {
    plugin_id: plugin,
    timestamp: timestamp(report.at),
    version,
    reason: redact(report.why).slice(0, MAX_REASON_CHARACTERS),
    pid: report.pid,
    exit_code: exit?.code ?? null,
    signal: exit?.signal ?? null,
    ended_by_host: endedByHost,
    out_of_memory: signs.length > 0,
    memory_signs: signs,
    uptime_ms: Math.max(0, report.at - report.spawnedAt),
    ready_ms: Math.round(report.readyForMs),
    consecutive_crashes: report.consecutiveCrashes,
    requests_in_flight: report.requests.length,
    blamed_route: report.blamedRoute,
    decision: report.decision,
    requests: report.requests.slice(0, MAX_REQUESTS).map(({ method, path, since }) => ({
      ...{ method, path: path.split('?', 1)[0] ?? path },
      for_ms: Math.max(0, Math.round(report.endedAt - since)),
    })),
    log: lastLines(own),
    samples: ownSamples.slice(-MAX_SAMPLES),
    timeline: report.timeline.slice(-MAX_TIMELINE).map(timestamp),
  };
}

function lastLines(lines: readonly LogEntry[]): CrashLogLine[] {
  const kept: CrashLogLine[] = [];
  let left = MAX_LOG_CHARACTERS;
  for (const line of lines.slice(-MAX_LINES).toReversed()) {
    const message = redact(line.message.slice(0, MAX_LINE_CHARACTERS));
    left -= message.length;
    if (left < 0) break;
    kept.push({ timestamp: line.timestamp, level: line.level, message });
  }
  return kept.reverse();
}
