import type { PluginHealth, PluginState } from '../../core/api/types';

/** Which of the semantic colours goes with something. */
export type Tone = 'ok' | 'warn' | 'error' | 'busy' | 'neutral';

interface StateText {
  readonly label: string;
  readonly tone: Tone;
  /** One sentence for people who do not know the supervisor's terms. */
  readonly explanation: string;
}

const STATES = {
  invalid: { label: 'Invalid', tone: 'warn', explanation: 'This file cannot be used as a plugin.' },
  disabled: { label: 'Disabled', tone: 'neutral', explanation: 'This plugin is not enabled.' },
  starting: { label: 'Starting', tone: 'busy', explanation: 'The plugin has been started and is not ready yet.' },
  running: { label: 'Running', tone: 'ok', explanation: 'The plugin is ready.' },
  unhealthy: {
    label: 'Not responding',
    tone: 'error',
    explanation: 'The plugin is still there, but does not answer its health checks.',
  },
  backoff: {
    label: 'Crashed',
    tone: 'error',
    explanation: 'The plugin crashed and will be started again after a pause.',
  },
  stopping: { label: 'Stopping', tone: 'busy', explanation: 'The plugin was asked to stop and has not ended yet.' },
  failed: {
    label: 'Failed',
    tone: 'error',
    explanation: 'The plugin ended with an error that starting it again cannot cure.',
  },
} as const satisfies Record<PluginState, StateText>;

const HEALTH = {
  healthy: { label: 'Healthy', tone: 'ok' },
  unhealthy: { label: 'Unhealthy', tone: 'error' },
  unknown: { label: 'Not running', tone: 'neutral' },
} as const satisfies Record<PluginHealth, { label: string; tone: Tone }>;

export function stateText(state: PluginState): StateText {
  return STATES[state];
}

/** The dot's tone and its text alternative: a plugin on its way up or down is neither green nor red. */
export function healthText(health: PluginHealth, state: PluginState): { label: string; tone: Tone } {
  const text = STATES[state];
  return health === 'unknown' && text.tone === 'busy' ? text : HEALTH[health];
}
