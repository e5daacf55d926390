/** Where a plugin stands in its life. The transitions between these are the server's (`supervisor/lifecycle.ts`). */
export const PLUGIN_STATES = [
  /** The file cannot be a plugin, or conflicts with another one; `reason` says why. */
  'invalid',
  /** Nobody has enabled it, or the supervisor gave up on it; `reason` tells the two apart. */
  'disabled',
  /** Its process was spawned and is not ready yet. */
  'starting',
  /** Ready: its routes answer. */
  'running',
  /** Its process lives, but it does not answer its health checks. */
  'unhealthy',
  /** It crashed, and is spawned again after a delay. */
  'backoff',
  /** It was asked to stop and has not ended yet. */
  'stopping',
  /** It ended for a reason that a restart cannot cure (exit status 78, a refused licence). */
  'failed',
] as const;

export type PluginState = (typeof PLUGIN_STATES)[number];

/** What the health dot shows: green, red, or grey for a plugin that is not meant to run. */
export type PluginHealth = 'healthy' | 'unhealthy' | 'unknown';

/** The dot that goes with a state. */
export function healthOf(state: PluginState): PluginHealth {
  switch (state) {
    case 'running':
      return 'healthy';
    case 'unhealthy':
    case 'backoff':
    case 'failed':
      return 'unhealthy';
    case 'invalid':
    case 'disabled':
    case 'starting':
    case 'stopping':
      return 'unknown';
  }
}
