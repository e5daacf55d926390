import type { PluginMetadata } from '@toru/contracts';
import type { RuntimeStatus } from './plugin-runtime.port';
import { invalidStatus, toDetails, toSummary } from './plugin.mapper';

const metadata: PluginMetadata = {
  ...{ id: 'acme', name: 'Acme', version: '1.2.0', icon: '🧩', route: '/acme', author: 'A', license: 'none' },
  ...{ protocol: 1, public_paths: ['/webhook/*'] },
};
const entry = { kind: 'valid', id: 'acme', file: 'a.binary', metadata, executable: '/secret/a', digest: 'd' } as const;
const running: RuntimeStatus = {
  ...{ state: 'running', reason: null, refusal: null, pid: 42, startedAt: 1_000, nextRetryAt: null },
  ...{ restarts: 2, consecutiveCrashes: 1, quarantined: [], version: '1.2.0', digest: 'd' },
};

describe('plugin mapper', () => {
  it('[API-1] tells what the metadata and the runtime say, and nothing of the host’s own files', () => {
    const summary = toSummary({ entry, enabled: true, status: running });
    expect(summary).toEqual({
      ...{ id: 'acme', name: 'Acme', version: '1.2.0', icon: '🧩', route: '/acme', author: 'A', description: null },
      ...{ homepage: null, protocol: 1, file: 'a.binary', enabled: true, status: 'running', health: 'healthy' },
      reason: null,
      refusal: null,
      resources: null,
      has_settings: false,
      file_problem: null,
    });
    expect(JSON.stringify(toDetails({ entry, enabled: true, status: running }, [], 0))).not.toContain('secret');
  });

  it('[MGR-5] tells whether a plugin declares settings, usable or not', () => {
    const withSettings = { ...entry, metadata: { ...metadata, settings_schema: { type: 'odd' } } };
    expect(toSummary({ entry: withSettings, enabled: false, status: running }).has_settings).toBe(true);
  });

  it('[SUP-8] tells why a file cannot be used beside what its version before does', () => {
    const unusable = { ...entry, fileProblem: 'it is empty' };
    expect(toSummary({ entry: unusable, enabled: true, status: running })).toMatchObject({
      ...{ file_problem: 'it is empty', status: 'running', reason: null, version: '1.2.0' },
    });
  });

  it('[API-2] gives times in RFC 3339 and the uptime in whole seconds', () => {
    const waiting: RuntimeStatus = { ...running, state: 'backoff', pid: null, startedAt: null, nextRetryAt: 5_500 };
    expect(toDetails({ entry, enabled: true, status: running }, [], 3_999)).toMatchObject({
      ...{ pid: 42, started_at: '1970-01-01T00:00:01.000Z', uptime_seconds: 2, restarts: 2, consecutive_crashes: 1 },
      ...{ next_retry_at: null, public_paths: ['/webhook/*'] },
    });
    expect(toDetails({ entry, enabled: true, status: waiting }, [], 3_999)).toMatchObject({
      ...{ health: 'unhealthy', started_at: null, uptime_seconds: null, next_retry_at: '1970-01-01T00:00:05.500Z' },
    });
  });

  it('[ISO-4] an invalid file has its name, its reason, and no process', () => {
    const invalid = { kind: 'invalid', id: 'x', file: 'x.binary', reason: 'it is empty' } as const;
    const view = { entry: invalid, enabled: false, status: invalidStatus('it is empty') };
    expect(toDetails(view, [], 0)).toMatchObject({
      ...{ id: 'x', name: 'x.binary', version: null, route: null, protocol: null, status: 'invalid' },
      ...{ health: 'unknown', reason: 'it is empty', pid: null, public_paths: [] },
    });
  });
});
