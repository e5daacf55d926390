import type { PluginDetails } from '../../core/api/types';
import { localTime } from '../../shared/logs/log-line';

/** One line of a list of facts. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** A name that machines use: a path, a file. */
  readonly isCode?: boolean;
  /** Where the value leads to. */
  readonly href?: string;
}

/** What the plugin says of itself. */
export function aboutFacts(plugin: PluginDetails): readonly Fact[] {
  const { version, running_version, author, homepage, route, file, protocol, public_paths } = plugin;
  const facts: (Fact | null)[] = [
    version === null ? null : { name: 'Version', value: version },
    running_version === null || running_version === version
      ? null
      : { name: 'Running version', value: running_version },
    author === null ? null : { name: 'Author', value: author },
    homepage === null ? null : homepageFact(homepage),
    route === null ? null : { name: 'Route', value: `/plugins${route}`, isCode: true },
    { name: 'File', value: file, isCode: true },
    protocol === null ? null : { name: 'Protocol', value: `Version ${protocol}` },
    public_paths.length === 0 ? null : { name: 'Public paths', value: public_paths.join(', '), isCode: true },
  ];
  return facts.filter((fact) => fact !== null);
}

/**
 * What its process does.
 * @param now and `arrivedAt` by the same clock, in ms; the server's own clock may go differently
 */
export function processFacts(plugin: PluginDetails, now: number, arrivedAt: number): readonly Fact[] {
  const { pid, uptime_seconds, restarts, consecutive_crashes, next_retry_at, resources, status } = plugin;
  const uptime = uptime_seconds === null ? '–' : duration(uptime_seconds + Math.max(0, now - arrivedAt) / 1_000);
  const facts: (Fact | null)[] = [
    { name: 'Process id', value: pid === null ? '–' : String(pid) },
    { name: 'Uptime', value: uptime },
    {
      name: 'CPU',
      value: (resources === null ? '–' : `${resources.cpu_percent.toFixed(1)} %`) + atMost(plugin, 'cpu_percent'),
    },
    {
      name: 'Memory',
      value: (resources === null ? '–' : bytes(resources.memory_bytes)) + atMost(plugin, 'memory_bytes'),
    },
    resources === null ? null : { name: 'Processes', value: `${resources.processes}${atMost(plugin, 'processes')}` },
    (resources?.open_files ?? null) === null ? null : { name: 'Open files', value: String(resources?.open_files) },
    { name: 'Restarts', value: String(restarts) },
    { name: 'Crashes in a row', value: String(consecutive_crashes) },
    next_retry_at === null || status !== 'backoff' ? null : { name: 'Next try', value: countdown(next_retry_at, now) },
  ];
  return facts.filter((fact) => fact !== null);
}

/** `, at most 64.0 MB`; nothing where there is no bound. */
function atMost({ budgets }: PluginDetails, resource: PluginDetails['budgets'][number]['resource']): string {
  const limit = budgets.find((budget) => budget.resource === resource)?.limit;
  if (limit === undefined) return '';
  const shown = resource === 'memory_bytes' ? bytes(limit) : resource === 'cpu_percent' ? `${limit} %` : String(limit);
  return `, at most ${shown}`;
}

/** `3 d 4 h`, `4 h 12 min`, `12 min 5 s`, `5 s`. */
export function duration(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const whole = Math.floor(seconds);
  const first = Math.max(
    0,
    units.findIndex(([length]) => whole >= length),
  );
  if (whole < 60) return `${whole} s`;
  const [[big, bigName], [small, smallName]] = [units[first] ?? [1, 's'], units[first + 1] ?? [1, 's']];
  return `${Math.floor(whole / big)} ${bigName} ${Math.floor((whole % big) / small)} ${smallName}`;
}

/** `12.3 MB`, in units of 1024. */
export function bytes(count: number): string {
  const megabytes = count / 1024 / 1024;
  if (megabytes >= 1024) return `${(megabytes / 1024).toFixed(1)} GB`;
  return `${megabytes.toFixed(megabytes < 100 ? 1 : 0)} MB`;
}

/** Date and time without fractions of a second, in the browser's time zone. */
export function shortTime(timestamp: string): string {
  return localTime(timestamp).replace(/\.\d+$/, '');
}

function countdown(at: string, now: number): string {
  const seconds = Math.ceil((Date.parse(at) - now) / 1_000);
  return seconds > 0 ? `in ${duration(seconds)}` : 'now';
}

function homepageFact(homepage: string): Fact {
  const isLink = /^https?:\/\//i.test(homepage);
  return { name: 'Homepage', value: homepage, ...(isLink && { href: homepage }) };
}
