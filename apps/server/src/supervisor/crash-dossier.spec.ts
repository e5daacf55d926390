import type { LogEntry } from '@toru/contracts';
import { crashDossier, type CrashTrace } from './crash-dossier';
import type { CrashReport } from './crash-report';

const AT = Date.UTC(2026, 10, 21, 12);
const report: CrashReport = {
  ...{ at: AT, spawnedAt: AT - 60_000, why: 'it was ended by SIGKILL', pid: 42, endedByHost: false },
  ...{ exit: { code: null, signal: 'SIGKILL' }, readyForMs: 59_000.4, endedAt: 1_000, blamedRoute: null },
  oomKills: null,
  requests: [{ method: 'GET', path: '/items/7?token=hush', since: 400 }],
  ...{ consecutiveCrashes: 1, timeline: [AT], decision: 'restart' },
};
const line = (message: string, at = AT - 1_000): LogEntry => ({
  ...{ timestamp: new Date(at).toISOString(), level: 'info', plugin: 'acme', message },
  secret_field: 'hush',
});
const trace: CrashTrace = { plugin: 'acme', version: '1.0.0', lines: [], samples: [], oomKills: 0 };
const sample = (memory: number, limit: number | null, at = AT) => ({
  ...{ timestamp: new Date(at).toISOString(), cpu_percent: 5, memory_bytes: memory, memory_limit_bytes: limit },
});

describe('crashDossier', () => {
  it('tells how it ended, what it was asked, and what it said and used since its start', () => {
    const lines = [line('from the process before', AT - 61_000), line('its own')];
    const samples = [sample(7, null, AT - 61_000), sample(8, null)];
    expect(crashDossier(report, { ...trace, lines, samples })).toMatchObject({
      ...{ plugin_id: 'acme', timestamp: '2026-11-21T12:00:00.000Z', signal: 'SIGKILL', exit_code: null },
      ...{ uptime_ms: 60_000, ready_ms: 59_000, requests_in_flight: 1, out_of_memory: false },
      requests: [{ method: 'GET', path: '/items/7', for_ms: 600 }],
      log: [{ message: 'its own' }],
      samples: [{ memory_bytes: 8 }],
      timeline: ['2026-11-21T12:00:00.000Z'],
    });
  });

  it.each([
    'Authorization: Bearer abcdefgh12345678',
    'tsc_hushhushhushhushhush1',
    'cookie toru_session=hushhush; path=/',
    'postgres://toru:hush@db/x',
    '{"password":"hush"}',
    'LICENSE_KEY=hush',
  ])('faults 18: keeps no query, no field and no credential: %s', (text) => {
    const document = JSON.stringify(crashDossier({ ...report, why: text }, { ...trace, lines: [line(text)] }));
    expect(document).toContain('[redacted]');
    expect(document).not.toMatch(/hush|abcdefgh/);
  });

  it('is bounded', () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => line(`${index} ${'x'.repeat(9_000)}`));
    const requests = Array.from({ length: 5_000 }, () => ({ method: 'GET', path: '/x', since: 0 }));
    const crash = crashDossier(
      { ...report, requests, timeline: Array.from({ length: 5_000 }, () => AT), why: 'y'.repeat(1e6) },
      { ...trace, lines, samples: Array.from({ length: 5_000 }, () => sample(1, null)) },
    );
    expect(JSON.stringify(crash).length).toBeLessThan(256 * 1024);
    expect(crash.log.at(-1)?.message).toMatch(/^4999 /);
    expect(crash.requests_in_flight).toBe(5_000);
  });

  it.each([
    ['V8', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', {}, true],
    ['Rust', 'memory allocation of 1073741824 bytes failed', {}, true],
    ['Python', 'MemoryError', {}, true],
    ['Go', 'fatal error: runtime: out of memory', {}, true],
    ['the kernel', 'all is well', { oomKills: 1 }, true],
    ['a sample close to the limit', 'all is well', { samples: [sample(95, 100)] }, true],
    ['a sample far from the limit', 'all is well', { samples: [sample(50, 100)] }, false],
    ['a sample of the process before', 'all is well', { samples: [sample(95, 100, AT - 61_000)] }, false],
    ['a sample without a limit', 'all is well', { samples: [sample(1e12, null)] }, false],
    ['a plugin that speaks of memory', 'I remember: handled a MemoryErrorReport', {}, false],
  ] as const)('the sign of %s', (_, said, more, expected) => {
    expect(crashDossier(report, { ...trace, lines: [line(said)], ...more }).out_of_memory).toBe(expected);
  });

  it('what the kernel counted in the plugin’s own cgroup is a sign, whoever was the first', () => {
    for (const endedByHost of [true, false]) {
      const { out_of_memory, memory_signs } = crashDossier({ ...report, endedByHost, oomKills: 1 }, trace);
      expect([out_of_memory, memory_signs]).toEqual([true, [expect.stringContaining('oom_kill in its cgroup')]]);
    }
    expect(crashDossier({ ...report, oomKills: 0 }, trace).out_of_memory).toBe(false);
  });

  it('a SIGKILL of the host itself is no sign', () => {
    const more = { oomKills: 1, samples: [sample(99, 100)] };
    expect(crashDossier({ ...report, endedByHost: true }, { ...trace, ...more }).memory_signs).toEqual([]);
  });
});
