/** One line of a metric. */
export interface Sample {
  /** What follows the metric's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric: what it is called, and what it is. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence. */
  readonly help: string;
}

/** A metric in the text format of Prometheus, version 0.0.4; one without samples leaves nothing. */
export function exposeFamily({ name, type, help }: MetricFamily, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = [`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`];
  for (const { suffix = '', labels = {}, value } of samples) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    lines.push(`${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${inText(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The samples of a histogram. @param counts one for each bound and one beyond them, not cumulative */
export function histogramSamples(
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  counts: ArrayLike<number>,
  sum: number,
): Sample[] {
  let total = 0;
  const buckets = [...bounds, Infinity].map((bound, index): Sample => {
    total += counts[index] ?? 0;
    return { suffix: '_bucket', labels: { ...labels, le: inText(bound) }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function inText(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}
