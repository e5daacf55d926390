import type { PluginState } from '@toru/contracts';

/** What can happen to a plugin that is installed and valid. */
export const LIFECYCLE_EVENTS = [
  /** Its process is being spawned: enabled, or the wait after a crash is over. */
  'start',
  /** Its socket answers: routes are open from here on. */
  'ready',
  /** It was asked to stop. */
  'stop',
  /** The process that was asked to stop has ended. */
  'stopped',
  /** The process ended, or never became ready, without having been asked to. */
  'crash',
  /** It crashed too often; the supervisor does not try again. */
  'give_up',
  /** It ended with a status that a restart cannot cure (SUP-10). */
  'refuse',
  /** It lives and does not answer. */
  'health_lost',
  'health_regained',
] as const;

export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

type Transitions = Readonly<Partial<Record<LifecycleEvent, PluginState>>>;

/** What ends the process of a plugin that nobody asked to stop, whatever it was doing. */
const ENDINGS = { crash: 'backoff', give_up: 'disabled', refuse: 'failed' } as const satisfies Transitions;

/** The whole life of a plugin. What stands in no row does not happen: the event is ignored. */
export const LIFECYCLE = {
  invalid: {},
  disabled: { start: 'starting' },
  starting: { ...ENDINGS, ready: 'running', stop: 'stopping' },
  running: { ...ENDINGS, stop: 'stopping', health_lost: 'unhealthy' },
  unhealthy: { ...ENDINGS, stop: 'stopping', health_regained: 'running' },
  backoff: { start: 'starting', stop: 'disabled' },
  stopping: { stopped: 'disabled' },
  failed: { start: 'starting', stop: 'disabled' },
} as const satisfies Record<PluginState, Transitions>;

/** The state after an event, or undefined where the event means nothing in that state. */
export function next(state: PluginState, event: LifecycleEvent): PluginState | undefined {
  const transitions: Transitions = LIFECYCLE[state];
  return transitions[event];
}

/** Whether a process belongs to the state. */
export function hasProcess(state: PluginState): boolean {
  return state === 'starting' || state === 'running' || state === 'unhealthy' || state === 'stopping';
}
