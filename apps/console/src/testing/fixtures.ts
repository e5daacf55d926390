import { jest } from '@jest/globals';
import type { CurrentUser, PluginDetails, PluginList, PluginSummary, ProblemDetails } from '../app/core/api/types';

export function user(change: Partial<CurrentUser> = {}): CurrentUser {
  return { id: 'u1', name: 'ada', role: 'admin', kind: 'session', must_change_password: false, ...change };
}

export function plugin(change: Partial<PluginSummary> = {}): PluginSummary {
  return {
    id: 'acme',
    name: 'Acme',
    version: '1.2.0',
    icon: '🧩',
    route: '/acme',
    author: null,
    description: null,
    homepage: null,
    protocol: 1,
    file: 'acme.binary',
    file_problem: null,
    enabled: true,
    status: 'running',
    health: 'healthy',
    reason: null,
    refusal: null,
    resources: null,
    has_settings: false,
    ...change,
  };
}

/** All that are installed, as a host tells that has looked into its plugins directory. */
export function listOf(...items: PluginSummary[]): PluginList {
  return { items, reading: false, problem: null };
}

export function details(change: Partial<PluginDetails> = {}): PluginDetails {
  return {
    ...plugin(change),
    pid: 4711,
    running_version: null,
    started_at: null,
    uptime_seconds: null,
    restarts: 0,
    consecutive_crashes: 0,
    next_retry_at: null,
    public_paths: [],
    budgets: [],
    quarantined_routes: [],
    recent_events: [],
    ...change,
  };
}

export function problem(code: ProblemDetails['code'], status: number, detail: string): ProblemDetails {
  const type = `urn:toru:problem:${code}`;
  return { type, title: code, status, detail, instance: '/', code, request_id: 'r-1' };
}

/** Lets everything that waits only on promises go on, whatever the number of them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/**
 * The clock, and what is done every so often, stand still until a test moves them. Time-outs go on: Angular itself waits with
 * them. `jest.useRealTimers()` ends it.
 */
export function holdClock(): void {
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'queueMicrotask', 'requestAnimationFrame'] });
}

/** What `find` gives as soon as it gives something; fails the test when it never does. */
export async function until<T>(find: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve));
  }
  throw new Error('It never came.');
}
