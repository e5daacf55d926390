import { MAX_FRAME_BYTES, type HttpLimits, type PathLimits, type PathRule, type ProtocolVersion } from '@toru/contracts';
import { matchesPath } from '../common';
import type { Configuration } from '../config';

/** What holds for one request to a plugin. Times in milliseconds, `Infinity` for none. */
export interface RequestLimits {
  readonly concurrency: number;
  readonly queue: number;
  readonly queueMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  /** The same for WebSockets, on which nobody need say anything unless somebody has set it for this plugin. */
  readonly webSocketIdleMs: number;
  readonly maxBodyBytes: number;
}

type HostSettings = Pick<
  Configuration,
  | 'requestTimeoutMs'
  | 'streamIdleMs'
  | 'maxBodyBytes'
  | 'maxUploadBytes'
  | 'pluginConcurrency'
  | 'pluginRequests'
  | 'pluginQueue'
  | 'pluginQueueMs'
>;

/** A body of version 1 travels inside one frame, escaped: whoever allows more cannot have it. */
const MAX_V1_BODY_BYTES = MAX_FRAME_BYTES - 1024 * 1024;

/** What the host's settings say, in the words of limits: for everything that nobody says otherwise. */
export function hostLimits(settings: HostSettings, protocol: ProtocolVersion): Required<Omit<HttpLimits, 'paths'>> {
  return {
    concurrency: protocol === 2 ? settings.pluginRequests : settings.pluginConcurrency,
    queue: settings.pluginQueue,
    queue_timeout_ms: settings.pluginQueueMs,
    first_byte_timeout_ms: settings.requestTimeoutMs,
    idle_timeout_ms: settings.streamIdleMs,
    max_body_bytes: protocol === 2 ? settings.maxUploadBytes : settings.maxBodyBytes,
  };
}

/**
 * What holds for a plugin's requests, path by path. Of what the administrator has set, a rule for the path counts first,
 * then what is for the whole plugin; then what the plugin proposes, in the same order; then the host's settings. Places
 * and bytes are the host's to give: what a plugin proposes can only make them fewer.
 */
export class PluginLimits {
  private readonly whole: RequestLimits;
  private readonly patterns: readonly string[];

  constructor(
    private readonly set: HttpLimits,
    private readonly proposed: HttpLimits,
    private readonly host: Required<Omit<HttpLimits, 'paths'>>,
    private readonly protocol: ProtocolVersion,
  ) {
    this.whole = this.resolve({}, {});
    this.patterns = [...(set.paths ?? []), ...(proposed.paths ?? [])].map(({ path }) => path);
  }

  /** @param path below the plugin's route, without query; empty for its root */
  of(path: string): RequestLimits {
    if (this.patterns.length === 0) return this.whole;
    const asked = path === '' ? '/' : path;
    if (!this.patterns.some((pattern) => matchesPath(pattern, asked))) return this.whole;
    return this.resolve(firstMatch(this.set.paths, asked), firstMatch(this.proposed.paths, asked));
  }

  /** What comes of the three, in the words of limits: where no rule for a path does, and in `paths` where one does. */
  get summary(): HttpLimits {
    const { concurrency, queue, queueMs } = this.whole;
    // a pattern, read as a path, is matched by itself and by those that match all its paths
    const paths = [...new Set(this.patterns)].map((path) => ({ path, ...inWords(this.of(path)) }));
    return {
      ...{ concurrency, queue, queue_timeout_ms: queueMs, ...inWords(this.whole) },
      ...(paths.length > 0 && { paths }),
    };
  }

  private resolve(setRule: PathLimits, proposedRule: PathLimits): RequestLimits {
    const { set, proposed, host } = this;
    const idle =
      setRule.idle_timeout_ms ?? set.idle_timeout_ms ?? proposedRule.idle_timeout_ms ?? proposed.idle_timeout_ms;
    const proposedBytes = proposedRule.max_body_bytes ?? proposed.max_body_bytes ?? Infinity;
    const bytes = setRule.max_body_bytes ?? set.max_body_bytes ?? Math.min(proposedBytes, host.max_body_bytes);
    return {
      concurrency: set.concurrency ?? Math.min(proposed.concurrency ?? Infinity, host.concurrency),
      queue: set.queue ?? Math.min(proposed.queue ?? Infinity, host.queue),
      queueMs: set.queue_timeout_ms ?? proposed.queue_timeout_ms ?? host.queue_timeout_ms,
      firstByteMs:
        setRule.first_byte_timeout_ms ??
        set.first_byte_timeout_ms ??
        proposedRule.first_byte_timeout_ms ??
        proposed.first_byte_timeout_ms ??
        host.first_byte_timeout_ms,
      idleMs: timeOf(idle ?? host.idle_timeout_ms),
      webSocketIdleMs: timeOf(idle ?? 0),
      maxBodyBytes: this.protocol === 1 ? Math.min(bytes, MAX_V1_BODY_BYTES) : bytes,
    };
  }
}

function firstMatch(rules: readonly PathRule[] | undefined, path: string): PathLimits {
  return rules?.find((rule) => matchesPath(rule.path, path)) ?? {};
}

function inWords({ firstByteMs, idleMs, maxBodyBytes }: RequestLimits): Required<PathLimits> {
  return {
    first_byte_timeout_ms: firstByteMs,
    idle_timeout_ms: Number.isFinite(idleMs) ? idleMs : 0,
    max_body_bytes: maxBodyBytes,
  };
}

function timeOf(ms: number): number {
  return ms === 0 ? Infinity : ms;
}
