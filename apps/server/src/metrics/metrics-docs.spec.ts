import { generatedSection, markdownTable } from '@toru/testing';
import { HOST_METRICS } from './host-metrics';
import { PLUGIN_METRICS } from './plugin-metrics';

const ALL = [...HOST_METRICS, ...PLUGIN_METRICS.map((metric) => ({ ...metric, labels: ['plugin', ...metric.labels] }))];

describe('docs/operations.md', () => {
  it('[OBS-5] lists every metric of the host (UPDATE_DOCS=1 writes the table anew)', () => {
    const rows = ALL.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    const table = markdownTable([['Name', 'Type', 'Labels', 'Meaning'], ...rows]);
    expect(generatedSection('docs/operations.md', 'metrics', table)).toBe(table);
  });

  it("[OBS-5] follows Prometheus' conventions: names, units, and `_total` for counters alone", () => {
    for (const { name, type } of ALL) {
      expect(name).toMatch(/^toru_[a-z]+(?:_[a-z]+)*$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(?:ms|milliseconds|minutes|days|kb|mb|percent)(?:_|$)/);
    }
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  });
});
