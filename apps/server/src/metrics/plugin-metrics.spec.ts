import { PLUGIN_METRICS } from './plugin-metrics';
import type { PluginFacts } from './plugin-facts';

describe('the metrics of a plugin', () => {
  const read = (name: string, facts: Partial<PluginFacts>) =>
    PLUGIN_METRICS.find((metric) => metric.name === name)?.read({ id: 'acme', ...facts } as PluginFacts);

  it('[OBS-5] tell what is left of a licence key that ends, and nothing of others', () => {
    const name = 'toru_plugin_license_left_seconds';
    expect(read(name, { licenceDays: 14 })).toEqual([{ labels: { plugin: 'acme' }, value: 1_209_600 }]);
    expect(read(name, { licenceDays: 0 })).toEqual([{ labels: { plugin: 'acme' }, value: 0 }]);
    expect(read(name, { licenceDays: undefined })).toEqual([]);
  });
});
