import { LOG_LEVELS, PLUGIN_STATES } from '@toru/contracts';
import { LATENCY_BOUNDS_MS } from '../gateway';
import { COUNTED_ACTIONS } from '../kv';
import { histogramSamples, type MetricFamily, type Sample } from './exposition';
import type { PluginFacts } from './plugin-facts';

/** A metric of plugins. */
export interface PluginMetric extends MetricFamily {
  /** What it has beside `plugin`. */
  readonly labels: readonly string[];
  readonly read: (plugin: PluginFacts) => readonly Sample[];
}

const BOUNDS_SECONDS = LATENCY_BOUNDS_MS.map((ms) => ms / 1000);
const DAY_SECONDS = 24 * 60 * 60;
const STATUS_CLASSES = [1, 2, 3, 4, 5];

/** The metrics of each plugin, in the order in which they are printed and documented. */
export const PLUGIN_METRICS: readonly PluginMetric[] = [
  {
    name: 'toru_plugin_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of the plugin and of its protocol.',
    labels: ['version', 'protocol'],
    read: ({ id, version, protocol }) => [{ labels: { plugin: id, version, protocol: String(protocol) }, value: 1 }],
  },
  {
    name: 'toru_plugin_state',
    type: 'gauge',
    help: '1 for the state in which the plugin is, 0 for the others.',
    labels: ['state'],
    read: ({ id, status }) =>
      PLUGIN_STATES.filter((state) => state !== 'invalid').map((state) => ({
        labels: { plugin: id, state },
        value: status.state === state ? 1 : 0,
      })),
  },
  plain('toru_plugin_restarts_total', 'counter', 'Times it was started again since the host started.', (plugin) => {
    return plugin.status.restarts;
  }),
  plain('toru_plugin_consecutive_crashes', 'gauge', 'Crashes in a row, as the supervisor counts them.', (plugin) => {
    return plugin.status.consecutiveCrashes;
  }),
  {
    name: 'toru_plugin_requests_total',
    type: 'counter',
    help: 'HTTP requests that were answered, by the class of their status; a client that left counts as 4xx.',
    labels: ['code'],
    read: ({ id, requests }) =>
      STATUS_CLASSES.map((digit) => ({
        labels: { plugin: id, code: `${digit}xx` },
        value: requests.byClass[digit] ?? 0,
      })),
  },
  {
    name: 'toru_plugin_request_duration_seconds',
    type: 'histogram',
    help: 'How long these requests took, from their head to the end of the answer.',
    labels: [],
    read: ({ id, requests }) =>
      histogramSamples({ plugin: id }, BOUNDS_SECONDS, requests.byLatency, requests.latencyMs / 1000),
  },
  plain('toru_plugin_requests_in_flight', 'gauge', 'HTTP requests that are not over.', ({ requests }) => {
    return requests.inFlight;
  }),
  plain('toru_plugin_websockets', 'gauge', 'WebSockets that are open or being opened.', ({ requests }) => {
    return requests.webSockets;
  }),
  plain('toru_plugin_websockets_closed_total', 'counter', 'WebSockets that were open and have ended.', (plugin) => {
    return plugin.requests.webSocketsEnded;
  }),
  plain(
    'toru_plugin_request_bytes_total',
    'counter',
    'Bytes of bodies and of WebSockets from clients, counted when a request or WebSocket is over.',
    ({ requests }) => requests.receivedBytes,
  ),
  plain(
    'toru_plugin_response_bytes_total',
    'counter',
    'Bytes of bodies and of WebSockets to clients, counted when a request or WebSocket is over.',
    ({ requests }) => requests.sentBytes,
  ),
  plain(
    'toru_plugin_cpu_seconds_total',
    'counter',
    'Processor time that its processes have used since the host started, as of the last sample.',
    ({ cpuSeconds }) => cpuSeconds,
  ),
  plain(
    'toru_plugin_cpu_over_budget',
    'gauge',
    '1 while it has used more processor time than it may for 12 samples or more, 0 otherwise; where no cgroup holds that.',
    ({ isOverCpu }) => (isOverCpu === undefined ? undefined : Number(isOverCpu)),
  ),
  plain('toru_plugin_resident_memory_bytes', 'gauge', 'Memory of its processes, as of the last sample.', (plugin) => {
    return plugin.status.resources?.memory_bytes;
  }),
  plain('toru_plugin_open_fds', 'gauge', 'Open descriptors of its processes, as of the last sample.', (plugin) => {
    return plugin.status.resources?.open_files;
  }),
  plain('toru_plugin_processes', 'gauge', 'Its processes, as of the last sample.', (plugin) => {
    return plugin.status.resources?.processes;
  }),
  plain(
    'toru_plugin_license_left_seconds',
    'gauge',
    'What is left of its licence key, in whole days: 86400 for each, the last included; 0: it has ended.',
    ({ licenceDays }) => (licenceDays === undefined ? undefined : licenceDays * DAY_SECONDS),
  ),
  {
    name: 'toru_plugin_log_lines_total',
    type: 'counter',
    help: 'Lines that were given to its log.',
    labels: ['level'],
    read: ({ id, lines }) =>
      LOG_LEVELS.map((level) => ({ labels: { plugin: id, level }, value: lines?.written[level] ?? 0 })),
  },
  plain(
    'toru_plugin_log_lines_dropped_total',
    'counter',
    'Lines that were dropped because it writes faster than it may.',
    ({ lines }) => lines?.dropped ?? 0,
  ),
  {
    name: 'toru_plugin_kv_operations_total',
    type: 'counter',
    help: 'Operations on its storage in the host, those of its page included; a batch is one.',
    labels: ['operation', 'result'],
    read: ({ id, kv }) =>
      COUNTED_ACTIONS.flatMap((operation) => [
        { labels: { plugin: id, operation, result: 'ok' }, value: kv[operation].done },
        { labels: { plugin: id, operation, result: 'error' }, value: kv[operation].refused },
      ]),
  },
];

/** A metric with one value for each plugin, or none where there is nothing to tell. */
function plain(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: (plugin: PluginFacts) => number | null | undefined,
): PluginMetric {
  return {
    ...{ name, type, help, labels: [] },
    read: (plugin) => {
      const known = value(plugin) ?? undefined;
      return known === undefined ? [] : [{ labels: { plugin: plugin.id }, value: known }];
    },
  };
}
