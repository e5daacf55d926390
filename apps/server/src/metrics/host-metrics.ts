import type { MetricFamily, Sample } from './exposition';

/** What is told of the host itself, beside its process. */
export interface HostFacts {
  readonly version: string;
  /** Of Node. */
  readonly runtime: string;
  readonly isReady: boolean;
  readonly invalidPlugins: number;
  readonly lostEvents: number;
  /** Undefined while the database does not answer. */
  readonly sessions: number | undefined;
}

export interface HostMetric extends MetricFamily {
  readonly labels: readonly string[];
  readonly read: (host: HostFacts) => readonly Sample[];
}

/** The metrics of the host, in the order in which they are printed and documented. */
export const HOST_METRICS: readonly HostMetric[] = [
  {
    name: 'toru_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of the host and of Node.',
    labels: ['version', 'node_version'],
    read: ({ version, runtime }) => [{ labels: { version, node_version: runtime }, value: 1 }],
  },
  {
    name: 'toru_ready',
    type: 'gauge',
    help: '1 while /health/ready says so.',
    labels: [],
    read: ({ isReady }) => [{ value: isReady ? 1 : 0 }],
  },
  {
    name: 'toru_invalid_plugins',
    type: 'gauge',
    help: 'Files in the plugins directory that were refused.',
    labels: [],
    read: ({ invalidPlugins }) => [{ value: invalidPlugins }],
  },
  {
    name: 'toru_sessions',
    type: 'gauge',
    help: 'Sessions of users that are valid now.',
    labels: [],
    read: ({ sessions }) => (sessions === undefined ? [] : [{ value: sessions }]),
  },
  {
    name: 'toru_events_lost_total',
    type: 'counter',
    help: 'Events that could not be stored since the host started.',
    labels: [],
    read: ({ lostEvents }) => [{ value: lostEvents }],
  },
];
