/** Bounds of one request to a plugin. An absent field leaves it to whoever is asked next. */
export interface PathLimits {
  /** How long the plugin may take until its answer begins, in milliseconds; then 504. */
  readonly first_byte_timeout_ms?: number;
  /** How long nothing may come of an answer that has begun, in milliseconds; 0: any time. */
  readonly idle_timeout_ms?: number;
  /** The longest body that is forwarded, in bytes; then 413. */
  readonly max_body_bytes?: number;
}

/** The same for some paths below the plugin's route: a last segment `*` stands for one or more segments. */
export interface PathRule extends PathLimits {
  readonly path: string;
}

/**
 * How the host treats requests to a plugin. The plugin's metadata propose (`http`), what an administrator sets counts
 * before that, and the host's own settings are what is left.
 */
export interface HttpLimits extends PathLimits {
  /** How many requests the plugin has at once, until their answers are complete. */
  readonly concurrency?: number;
  /** How many more may wait for their turn; then 503. */
  readonly queue?: number;
  /** How long one may wait for it, in milliseconds; then 503. */
  readonly queue_timeout_ms?: number;
  /** The first that matches counts, before what stands beside them. */
  readonly paths?: readonly PathRule[];
}

/** What each of the numbers may be, the bounds included. */
export const HTTP_LIMIT_RANGES = {
  concurrency: [1, 1024],
  queue: [0, 100_000],
  queue_timeout_ms: [0, 3_600_000],
  first_byte_timeout_ms: [1, 3_600_000],
  idle_timeout_ms: [0, 86_400_000],
  max_body_bytes: [0, Number.MAX_SAFE_INTEGER],
} as const satisfies Record<Exclude<keyof HttpLimits, 'paths'>, readonly [number, number]>;
