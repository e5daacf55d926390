import { PLUGIN_STATES, type PluginState } from '@toru/contracts';
import fc from 'fast-check';
import { hasProcess, LIFECYCLE_EVENTS, next } from './lifecycle';

describe('the lifecycle of a plugin', () => {
  it('reaches every state of a valid plugin from disabled', () => {
    const reached = new Set<PluginState>(['disabled']);
    for (const state of reached) {
      for (const event of LIFECYCLE_EVENTS) {
        const after = next(state, event);
        if (after !== undefined) reached.add(after);
      }
    }
    expect([...reached].sort()).toEqual(PLUGIN_STATES.filter((state) => state !== 'invalid').sort());
  });

  it.each([
    ['[LIF-1] enable', ['start', 'ready'], 'running'],
    ['[LIF-2] disable', ['start', 'ready', 'stop', 'stopped'], 'disabled'],
    ['[SUP-3] crash and restart', ['start', 'ready', 'crash', 'start', 'ready'], 'running'],
    ['[SUP-3] crash before it was ready', ['start', 'crash'], 'backoff'],
    ['[SUP-4] one crash too many', ['start', 'crash', 'start', 'give_up'], 'disabled'],
    ['[SUP-10] status 78', ['start', 'refuse'], 'failed'],
    ['faults 13: disable during a back-off', ['start', 'crash', 'stop'], 'disabled'],
    ['faults 13: disable during a start', ['start', 'stop', 'stopped'], 'disabled'],
    ['[SUP-1] health lost and regained', ['start', 'ready', 'health_lost', 'health_regained'], 'running'],
  ] as const)('%s', (_name, events, end) => {
    let state: PluginState = 'disabled';
    for (const event of events) state = next(state, event) ?? 'invalid';
    expect(state).toBe(end);
  });

  it('faults 13: whatever happens, no process is started where one may still live', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LIFECYCLE_EVENTS)), (events) => {
        let state: PluginState = 'disabled';
        for (const event of events) {
          const after: PluginState | undefined = next(state, event);
          if (event === 'start' && after !== undefined) expect(hasProcess(state)).toBe(false);
          state = after ?? state;
        }
      }),
    );
  });
});
