import { readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeFixture } from '../fixtures/write-fixture';
import { startHost, type TestHost } from '../support/host';
import { untilRead } from '../support/until-read';
import { addToken } from '../support/users';

const DOCS = path.resolve(import.meta.dirname, '../../docs/operations.md');

/** Every line of the exposition, by its name and labels as they stand there. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('metrics', () => {
  let host: TestHost;
  let open: string;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        acme: { metadata: { version: '1.2.3' } },
        off: { enabled: false },
        broken: { behaviour: 'metadata-exits' },
      },
      env: { TORU_METRICS_ADDRESS: '127.0.0.1:0', TORU_RESOURCE_INTERVAL_MS: '100' },
    });
    await untilRead(host);
    await host.untilPlugin('acme', 'running');
    const log = path.join(host.directories.log, 'host.log');
    const port = await host.waitFor('the port', () => /reaches port (\d+)/.exec(readFileSync(log, 'utf8'))?.[1]);
    open = `http://127.0.0.1:${port}`;
  });
  afterAll(() => host.dispose());

  /** On a connection of its own: one that is kept may be closed by the host in the moment in which it is asked on it. */
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(open + path, { method, headers: { connection: 'close' } });
  const scrape = async (): Promise<Map<string, number>> => samplesOf(await (await ask('/metrics')).text());
  /** Of the metrics of one plugin, those whose lines begin so. */
  const valueOf = async (line: string): Promise<number | undefined> => (await scrape()).get(line);

  it('[OBS-5] are for a token of any role, on the address of the host', async () => {
    const { token } = await addToken(host, 'prometheus', 'viewer');
    const answer = await host.api('/metrics', { as: { token } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await answer.text()).endsWith('\n')).toBe(true);
    expect((await host.api('/metrics', { as: 'nobody' })).status).toBe(401);
    expect((await host.api('/metrics', { as: { token: `${token}x` } })).status).toBe(401);
  });

  it('[OBS-5] are open on an address of their own, and nothing else is', async () => {
    expect((await ask('/metrics')).status).toBe(200);
    expect((await ask('/metrics', 'HEAD')).status).toBe(200);
    expect((await ask('/metrics', 'POST')).status).toBe(405);
    for (const path of ['/', '/api/plugins', '/plugins/acme/x', '/metricsx', '/health/live']) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
  });

  it('[OBS-5] tell what a plugin was asked, and how that went', async () => {
    const count = (code: string, id = 'acme'): string => `toru_plugin_requests_total{plugin="${id}",code="${code}"}`;
    const before = await scrape();
    const body = await (await host.api('/plugins/acme/x', { method: 'POST', body: 'twelve bytes' })).text();
    await host.api('/api/plugins/acme/chaos/none', { as: 'nobody' });
    await host.api('/plugins/off/x');
    await host.api('/plugins/nobody/x');
    // each is counted when all of its answer is written, which its client may have read before
    const after = await host.waitFor('the requests to be counted', async () => {
      const samples = await scrape();
      const counted = [count('2xx'), count('4xx'), count('4xx', 'off')];
      return counted.every((line) => (samples.get(line) ?? 0) > (before.get(line) ?? NaN)) && samples;
    });
    const grown = (line: string): number => (after.get(line) ?? NaN) - (before.get(line) ?? NaN);
    expect(grown(count('2xx'))).toBe(1);
    expect(grown(count('4xx'))).toBe(1);
    expect(grown(count('5xx'))).toBe(0);
    expect(grown(count('4xx', 'off'))).toBe(1);
    expect(grown('toru_plugin_request_duration_seconds_count{plugin="acme"}')).toBe(2);
    expect(grown('toru_plugin_request_duration_seconds_bucket{plugin="acme",le="+Inf"}')).toBe(2);
    expect(grown('toru_plugin_request_duration_seconds_sum{plugin="acme"}')).toBeGreaterThan(0);
    expect(grown('toru_plugin_request_bytes_total{plugin="acme"}')).toBe(12);
    expect(grown('toru_plugin_response_bytes_total{plugin="acme"}')).toBe(Buffer.byteLength(body));
    expect(after.get('toru_plugin_requests_in_flight{plugin="acme"}')).toBe(0);
    expect([...after.keys()].filter((line) => line.includes('nobody'))).toEqual([]);
  });

  it('[OBS-5] tell the state of each plugin, and what it uses', async () => {
    await host.waitFor('two samples', async () => (await valueOf('toru_plugin_cpu_seconds_total{plugin="acme"}')) ?? 0);
    const samples = await scrape();
    expect(samples.get('toru_plugin_info{plugin="acme",version="1.2.3",protocol="1"}')).toBe(1);
    const states = [...samples].filter(([line]) => line.startsWith('toru_plugin_state{plugin="acme"'));
    expect(states.filter(([, value]) => value === 1)).toEqual([
      ['toru_plugin_state{plugin="acme",state="running"}', 1],
    ]);
    expect(samples.get('toru_plugin_state{plugin="off",state="disabled"}')).toBe(1);
    expect(samples.get('toru_plugin_resident_memory_bytes{plugin="acme"}')).toBeGreaterThan(1024 * 1024);
    expect(samples.get('toru_plugin_open_fds{plugin="acme"}')).toBeGreaterThan(2);
    expect(samples.get('toru_plugin_processes{plugin="acme"}')).toBe(1);
    expect(samples.has('toru_plugin_resident_memory_bytes{plugin="off"}')).toBe(false);
    expect(samples.get('toru_invalid_plugins')).toBe(1);
  });

  it('[OBS-5] tell restarts, lines and operations on the storage', async () => {
    const kv = (json: unknown): Promise<Response> => host.api('/api/plugins/acme/kv', { method: 'POST', json });
    await kv({ action: 'set', key: 'k', value: 'v' });
    await kv({ action: 'get', key: 'k' });
    await host.api('/api/plugins/acme/restart', { method: 'POST' });
    const samples = await scrape();
    expect(samples.get('toru_plugin_restarts_total{plugin="acme"}')).toBe(1);
    expect(samples.get('toru_plugin_kv_operations_total{plugin="acme",operation="set",result="ok"}')).toBe(1);
    expect(samples.get('toru_plugin_kv_operations_total{plugin="acme",operation="get",result="ok"}')).toBe(1);
    expect(samples.get('toru_plugin_kv_operations_total{plugin="acme",operation="get",result="error"}')).toBe(0);
    expect(samples.get('toru_plugin_log_lines_dropped_total{plugin="acme"}')).toBe(0);
  });

  it('[OBS-5] tell of the host and of its process', async () => {
    // a database that takes its time makes it not ready for so long
    const samples = await host.waitFor('the host to be ready', async () => {
      const each = await scrape();
      return each.get('toru_ready') === 1 && each;
    });
    expect(samples.get('toru_sessions')).toBe(1);
    expect(samples.get('toru_events_lost_total')).toBe(0);
    expect([...samples.keys()].some((line) => line.startsWith('toru_build_info{version="'))).toBe(true);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect([name, samples.has(name)]).toEqual([name, true]);
    }
  });

  it('[OBS-5] are those of the documentation', async () => {
    const text = await (await ask('/metrics')).text();
    const printed = [...text.matchAll(/^# TYPE (toru_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const rows = readFileSync(DOCS, 'utf8').matchAll(/^\| `(toru_\w+)` +\| (\w+) /gm);
    const documented = [...rows].map(([, name, type]) => `${name} ${type}`);
    // what only some plugins have is documented too
    expect(documented).toEqual(expect.arrayContaining(printed));
    expect(printed.length).toBeGreaterThan(20);
  });

  it('[OBS-5] forget a plugin that is gone', async () => {
    const file = path.join(host.directories.plugins, 'passing.binary');
    writeFixture(host.directories.plugins, { id: 'passing' });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.api('/plugins/passing/x');
    const lines = async (): Promise<string[]> =>
      [...(await scrape()).keys()].filter((line) => line.includes('"passing"'));
    expect((await lines()).length).toBeGreaterThan(20);
    renameSync(file, `${file}.away`);
    await host.api('/api/plugins/rescan', { method: 'POST' });
    expect(await lines()).toEqual([]);
    renameSync(`${file}.away`, file);
    await host.api('/api/plugins/rescan', { method: 'POST' });
    expect(await valueOf('toru_plugin_requests_total{plugin="passing",code="4xx"}')).toBe(0);
    rmSync(file);
  });
});
