import { exposeFamily, histogramSamples } from './exposition';

const GAUGE = { name: 'x', type: 'gauge', help: 'It.' } as const;

describe('the text format of Prometheus', () => {
  it('[OBS-5] has a head and a line for each sample', () => {
    const samples = [{ labels: { plugin: 'acme', state: 'running' }, value: 1 }, { value: 0.25 }];
    expect(exposeFamily(GAUGE, samples)).toBe(
      '# HELP x It.\n# TYPE x gauge\nx{plugin="acme",state="running"} 1\nx 0.25\n',
    );
  });

  it('[OBS-5] escapes what would end a label or a line', () => {
    const text = exposeFamily({ ...GAUGE, help: 'a\\b\nc' }, [{ labels: { v: 'a"b\\c\nd' }, value: Infinity }]);
    expect(text).toBe('# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{v="a\\"b\\\\c\\nd"} +Inf\n');
  });

  it('[OBS-5] leaves out a metric of which nothing is known', () => {
    expect(exposeFamily(GAUGE, [])).toBe('');
  });

  it('[OBS-5] has cumulative buckets, with everything in the last', () => {
    const samples = histogramSamples({ plugin: 'a' }, [0.5, 1], [3, 0, 2], 7.5);
    expect(samples.map(({ suffix, labels, value }) => [suffix, labels?.['le'], value])).toEqual([
      ['_bucket', '0.5', 3],
      ['_bucket', '1', 3],
      ['_bucket', '+Inf', 5],
      ['_sum', undefined, 7.5],
      ['_count', undefined, 5],
    ]);
  });
});
