import { availableParallelism } from 'node:os';
import { LOG_LEVELS } from '@toru/contracts';
import { TrustedProxies } from '../common';
import { parseListenAddress } from './listen-address';
import { choice, flag, integer, text, type Setting } from './setting';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Every setting of the host, in the order in which the documentation lists them. */
export const SETTINGS = {
  host: text('TORU_HOST', { fallback: '127.0.0.1', meaning: 'Address to listen on' }, hostProblem),
  port: integer('TORU_PORT', 0, 65_535, { fallback: 3000, meaning: 'Port to listen on; 0 takes any free one' }),
  publicUrl: text<undefined>(
    'TORU_PUBLIC_URL',
    {
      fallback: undefined,
      shown: 'none',
      meaning: 'The URL that browsers use, when a proxy stands in front; https makes the session cookie Secure',
    },
    publicUrlProblem,
  ),
  trustedProxies: text(
    'TORU_TRUSTED_PROXIES',
    {
      fallback: '',
      shown: 'none',
      meaning: 'Proxies in front whose X-Forwarded-* count: addresses or networks, with commas between',
    },
    trustedProxiesProblem,
  ),
  metricsAddress: text<undefined>(
    'TORU_METRICS_ADDRESS',
    {
      fallback: undefined,
      shown: 'none',
      meaning:
        'Address and port of a second listener that has `/metrics` alone, without signing in: `127.0.0.1:9464`; whoever reaches it reads them',
    },
    metricsAddressProblem,
  ),
  pluginsDir: text('TORU_PLUGINS_DIR', { fallback: './plugins', meaning: 'Where the plugins are' }),
  dataDir: text('TORU_DATA_DIR', {
    fallback: './data',
    meaning: "Where the host keeps its own data: the SQLite database, private copies of the plugins' files",
  }),
  logDir: text<undefined>('TORU_LOG_DIR', {
    fallback: undefined,
    shown: '/var/log/toru, else ./logs',
    meaning: 'Where the logs go',
  }),
  runDir: text<undefined>('TORU_RUN_DIR', {
    fallback: undefined,
    shown: '/tmp/toru-…, made for this user and data directory',
    meaning: "Where the plugins' sockets are; private, and short: a socket's path has at most 107 bytes",
  }),
  databaseUrl: text<undefined>(
    'DATABASE_URL',
    { fallback: undefined, shown: 'none: SQLite in the data directory', meaning: 'A PostgreSQL database' },
    databaseUrlProblem,
  ),
  adminUsername: text(
    'ADMIN_USERNAME',
    { fallback: 'admin', meaning: 'The first admin, made at the first start' },
    (value) => (/^[A-Za-z0-9._-]{1,64}$/.test(value) ? undefined : 'must be 1 to 64 letters, digits, dots, _ or -'),
  ),
  adminPassword: text<undefined>(
    'ADMIN_PASSWORD',
    {
      fallback: undefined,
      shown: 'generated, printed once, changed at the first sign-in',
      meaning: "The first admin's password; without effect once there is any user",
    },
    (value) => (value.length >= 8 && value.length <= 1024 ? undefined : 'must have 8 to 1024 characters'),
  ),
  enableNewPlugins: flag('TORU_ENABLE_NEW_PLUGINS', {
    fallback: false,
    meaning: 'Whether a plugin that nobody has switched yet starts by itself',
  }),
  startParallel: integer('TORU_START_PARALLEL', 1, 1024, {
    fallback: 16 * availableParallelism(),
    shown: 'sixteen times the number of processors',
    meaning: 'How many plugins are started side by side; one that takes longer than 1 s gives its turn away',
  }),
  metadataTimeoutMs: integer('TORU_METADATA_TIMEOUT_MS', 100, HOUR_MS, {
    fallback: 5_000,
    unit: 'ms',
    meaning: 'How long the `--metadata` of a plugin may take: more is for machines that are slow or busy',
  }),
  readyTimeoutMs: integer('TORU_READY_TIMEOUT_MS', 100, HOUR_MS, {
    fallback: 10_000,
    unit: 'ms',
    meaning: 'How long a plugin may take to open its socket',
  }),
  requestTimeoutMs: integer('TORU_REQUEST_TIMEOUT_MS', 100, HOUR_MS, {
    fallback: 30_000,
    unit: 'ms',
    meaning: 'How long a plugin may take until its answer to a request begins; then 504',
  }),
  maxBodyBytes: integer('TORU_MAX_BODY_BYTES', 0, 15 * 1024 * 1024, {
    fallback: 10 * 1024 * 1024,
    unit: 'bytes',
    meaning: 'The largest request body that is forwarded to a version 1 plugin; then 413',
  }),
  maxUploadBytes: integer('TORU_MAX_UPLOAD_BYTES', 0, Number.MAX_SAFE_INTEGER, {
    fallback: 16 * 1024 ** 3,
    unit: 'bytes',
    meaning: 'The largest request body that is streamed to a version 2 plugin; then 413',
  }),
  pluginConcurrency: integer('TORU_PLUGIN_CONCURRENCY', 1, 1024, {
    fallback: 16,
    meaning: 'How many requests a version 1 plugin handles at once; the rest wait',
  }),
  pluginRequests: integer('TORU_PLUGIN_REQUESTS', 1, 1024, {
    fallback: 256,
    meaning: 'How many requests a version 2 plugin has at once, until their answers are complete; the rest wait',
  }),
  pluginQueue: integer('TORU_PLUGIN_QUEUE', 0, 100_000, {
    fallback: 256,
    meaning: 'How many requests may wait for one plugin; then 503',
  }),
  pluginQueueMs: integer('TORU_PLUGIN_QUEUE_MS', 0, HOUR_MS, {
    fallback: 10_000,
    unit: 'ms',
    meaning: 'How long a request may wait for its turn with a plugin; then 503',
  }),
  streamIdleMs: integer('TORU_STREAM_IDLE_MS', 0, 24 * HOUR_MS, {
    fallback: 300_000,
    unit: 'ms',
    meaning:
      'How long nothing may come of an answer that a plugin has begun; then its connection is closed; 0: any time',
  }),
  pluginSockets: integer('TORU_PLUGIN_SOCKETS', 0, 1000, {
    fallback: 768,
    meaning: 'How many WebSockets one plugin may have open at once; then 503',
  }),
  kvQuotaBytes: integer('TORU_KV_QUOTA_BYTES', 0, 1024 ** 4, {
    fallback: 64 * 1024 * 1024,
    unit: 'bytes',
    meaning: "How much one plugin may store in the host's key-value storage: keys and values in UTF-8",
  }),
  healthIntervalMs: integer('TORU_HEALTH_INTERVAL_MS', 50, HOUR_MS, {
    fallback: 5_000,
    unit: 'ms',
    meaning: 'How often the health of the plugins is checked',
  }),
  pingTimeoutMs: integer('TORU_PING_TIMEOUT_MS', 50, HOUR_MS, {
    fallback: 5_000,
    unit: 'ms',
    meaning: 'How long a version 2 plugin may take to answer the ping of a health check; then the check has failed',
  }),
  resourceIntervalMs: integer('TORU_RESOURCE_INTERVAL_MS', 50, HOUR_MS, {
    fallback: 5_000,
    unit: 'ms',
    meaning: 'How often it is measured what each plugin uses',
  }),
  cgroup: text(
    'TORU_CGROUP',
    {
      fallback: 'auto',
      meaning:
        'Where plugins get cgroups (version 2): auto takes what was delegated to the host; off; or the directory of a cgroup',
    },
    (value) =>
      ['auto', 'off'].includes(value) || value.startsWith('/') ? undefined : 'must be auto, off or an absolute path',
  ),
  pluginMemoryBytes: integer('TORU_PLUGIN_MEMORY_BYTES', 0, 1024 ** 5, {
    fallback: 0,
    unit: 'bytes',
    meaning: 'How much memory a plugin may use with its children; above it, it is ended; 0: no bound',
  }),
  pluginCpuPercent: integer('TORU_PLUGIN_CPU_PERCENT', 0, 100_000, {
    fallback: 0,
    unit: '% of a core',
    meaning:
      'How much processor time a plugin may use; slowed down with cgroups, else told of after 12 samples above it; 0: no bound',
  }),
  pluginOpenFiles: integer('TORU_PLUGIN_OPEN_FILES', 0, 1_000_000, {
    fallback: 0,
    meaning: 'How many descriptors each process of a plugin may have open (RLIMIT_NOFILE); 0: as many as the host',
  }),
  pluginProcesses: integer('TORU_PLUGIN_PROCESSES', 0, 100_000, {
    fallback: 0,
    meaning: 'How many processes a plugin may have; above it in 2 samples it is ended; 0: no bound',
  }),
  unhealthyAfterChecks: integer('TORU_UNHEALTHY_AFTER_CHECKS', 1, 1000, {
    fallback: 3,
    meaning: 'How many health checks in a row without an answer make a plugin unhealthy',
  }),
  restartAfterChecks: integer('TORU_RESTART_AFTER_CHECKS', 0, 1000, {
    fallback: 6,
    meaning: 'How many health checks in a row without an answer end its process, so that it is restarted; 0: never',
  }),
  healthyAfterMs: integer('TORU_HEALTHY_AFTER_MS', 0, 24 * HOUR_MS, {
    fallback: 60_000,
    unit: 'ms',
    meaning: 'How long a plugin must run before its crashes are counted from zero again',
  }),
  maxCrashes: integer('TORU_MAX_CRASHES', 1, 1000, {
    fallback: 10,
    meaning: 'How many crashes in a row disable a plugin',
  }),
  crashWindowMs: integer('TORU_CRASH_WINDOW_MS', 1000, 7 * 24 * HOUR_MS, {
    fallback: HOUR_MS,
    unit: 'ms',
    meaning: 'How long a crash counts for `TORU_CRASH_WINDOW_LIMIT`, however healthy the plugin was in between',
  }),
  crashWindowLimit: integer('TORU_CRASH_WINDOW_LIMIT', 0, 1000, {
    fallback: 15,
    meaning: 'How many crashes within that time disable a plugin; 0: any number is fine',
  }),
  crashesKept: integer('TORU_CRASHES_KEPT', 1, 1000, {
    fallback: 20,
    meaning: 'How many crashes of each plugin are kept with all that is known of them',
  }),
  quarantineAfterCrashes: integer('TORU_QUARANTINE_AFTER_CRASHES', 0, 1000, {
    fallback: 3,
    meaning:
      'At how many crashes within `TORU_CRASH_WINDOW_MS` a route must have been in flight to be kept from the plugin; 0: none is',
  }),
  quarantineMs: integer('TORU_QUARANTINE_MS', 1, 7 * 24 * HOUR_MS, {
    fallback: 300_000,
    unit: 'ms',
    meaning: 'How long such a route is kept from the plugin the first time; it doubles with each time',
  }),
  quarantineMaxMs: integer('TORU_QUARANTINE_MAX_MS', 1, 7 * 24 * HOUR_MS, {
    fallback: 6 * HOUR_MS,
    unit: 'ms',
    meaning: 'The longest that such a route is kept from the plugin',
  }),
  backoffBaseMs: integer('TORU_BACKOFF_BASE_MS', 1, HOUR_MS, {
    fallback: 1_000,
    unit: 'ms',
    meaning: 'The wait before the first restart; it doubles with each crash',
  }),
  backoffMaxMs: integer('TORU_BACKOFF_MAX_MS', 1, HOUR_MS, {
    fallback: 16_000,
    unit: 'ms',
    meaning: 'The longest wait before a restart',
  }),
  backoffJitterPercent: integer('TORU_BACKOFF_JITTER_PERCENT', 0, 50, {
    fallback: 10,
    meaning: 'By how many per cent a wait is longer or shorter at most, so that what crashed together starts apart',
  }),
  shutdownGraceMs: integer('TORU_SHUTDOWN_GRACE_MS', 0, HOUR_MS, {
    fallback: 5_000,
    unit: 'ms',
    meaning: 'From the shutdown message to SIGTERM',
  }),
  killDelayMs: integer('TORU_KILL_DELAY_MS', 0, HOUR_MS, {
    fallback: 2_000,
    unit: 'ms',
    meaning: 'From SIGTERM to SIGKILL',
  }),
  drainMs: integer('TORU_DRAIN_MS', 0, HOUR_MS, {
    fallback: 10_000,
    unit: 'ms',
    meaning: 'How long the host waits for requests in flight when it is stopped',
  }),
  updateDrainMs: integer('TORU_UPDATE_DRAIN_MS', 0, HOUR_MS, {
    fallback: 30_000,
    unit: 'ms',
    meaning: 'How long the old version of a plugin that was updated may take for what is in flight',
  }),
  watchPlugins: flag('TORU_WATCH_PLUGINS', {
    fallback: true,
    meaning: 'Whether new, replaced and removed files in the plugins directory are taken up by themselves',
  }),
  settleMs: integer('TORU_SETTLE_MS', 0, MINUTE_MS, {
    fallback: 1_000,
    unit: 'ms',
    meaning: 'How long files in the plugins directory must stay as they are before they are taken up',
  }),
  logLevel: choice('TORU_LOG_LEVEL', LOG_LEVELS, {
    fallback: 'info',
    meaning: "The least level of the host's own log",
  }),
  logMaxBytes: integer('TORU_LOG_MAX_BYTES', 4096, 1024 ** 4, {
    fallback: 10 * 1024 * 1024,
    unit: 'bytes',
    meaning: 'The size at which a log file is rotated',
  }),
  logFiles: integer('TORU_LOG_FILES', 1, 100, { fallback: 5, meaning: 'How many rotated files are kept of each log' }),
} satisfies Record<string, Setting<string | undefined> | Setting<string> | Setting<number> | Setting<boolean>>;

/** Names with the prefix of ours that other programs of the project read. */
export const FOREIGN_NAMES: readonly string[] = ['TORU_LICENSE_SECRET'];

function hostProblem(value: string): string | undefined {
  return /^[A-Za-z0-9.:-]+$/.test(value) ? undefined : 'must be a host name or an IP address';
}

function publicUrlProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return 'must be a URL with http or https';
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
    ? undefined
    : 'must be an origin alone: scheme, host and port';
}

function metricsAddressProblem(value: string): string | undefined {
  return parseListenAddress(value) === undefined ? 'must be an address and a port, like 127.0.0.1:9464' : undefined;
}

function trustedProxiesProblem(value: string): string | undefined {
  return TrustedProxies.parse(value) === undefined
    ? 'must be IP addresses or networks like 10.0.0.0/8, with commas between'
    : undefined;
}

function databaseUrlProblem(value: string): string | undefined {
  return /^postgres(?:ql)?:\/\/./.test(value) ? undefined : 'must begin with postgresql://';
}
