import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginSummary } from '@toru/contracts';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import { startHost, type TestHost } from '../support/host';
import { eventsOf } from '../support/supervisor-log';

const TINY = Array.from({ length: 24 }, (_, n) => `tiny-${String(n)}`);
/** More than are started side by side: if they kept their turns, nobody else would start. */
const HANGING = ['a-hanging-1', 'a-hanging-2', 'a-hanging-3'];
const MEBIBYTE = 1024 ** 2;

describe('many plugins', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      env: {
        // whoever hangs does so, and whoever is ended waits, for as long as anything is looked at
        ...{ TORU_START_PARALLEL: '2', TORU_READY_TIMEOUT_MS: '3600000', TORU_RESOURCE_INTERVAL_MS: '100' },
        ...{ TORU_BACKOFF_BASE_MS: '3600000', TORU_BACKOFF_MAX_MS: '3600000' },
        ...{ TORU_SHUTDOWN_GRACE_MS: '500', TORU_KILL_DELAY_MS: '200' },
        // measured in one way, whatever was delegated to whoever runs this
        TORU_CGROUP: 'off',
      },
      prepare: ({ plugins }) => {
        for (const id of TINY) writeTinyPlugin(plugins, { id });
        for (const id of HANGING) writeTinyPlugin(plugins, { id, does: 'hang()' });
        writeTinyPlugin(plugins, { id: 'a-silent', tells: 'hang()' });
        const limits = { memory_bytes: 64 * MEBIBYTE, open_files: 123 };
        const grows = 'import threading\nthreading.Thread(target=serve).start()\nkept = b"x" * (128 << 20)';
        writeTinyPlugin(plugins, { id: 'greedy', does: grows, metadata: { limits } });
        writeTinyPlugin(plugins, { id: 'modest', metadata: { limits } });
        const enabled = [...TINY, ...HANGING, 'a-silent', 'greedy', 'modest'];
        const config = { plugins: Object.fromEntries(enabled.map((id) => [id, true])) };
        writeFileSync(path.join(plugins, '.metadata/config.json'), JSON.stringify(config));
      },
    });
  });
  afterAll(() => host.dispose());

  it('[LIF-4] [ISO-2] all start; those that never become ready, or do not tell what they are, delay no other', async () => {
    await host.waitFor('the tiny ones to run', async () => {
      const { items } = await host.json<{ items: PluginSummary[] }>('/api/plugins');
      const states = new Map(items.map(({ id, status }) => [id, status]));
      const late = TINY.filter((id) => states.get(id) !== 'running');
      const undecided = ['greedy', 'modest'].filter((id) => [undefined, 'starting'].includes(states.get(id)));
      if (late.length + undecided.length > 0) throw new Error(`not running: ${[...late, ...undecided].join(' ')}`);
      return true;
    });
    const hanging = await Promise.all(HANGING.map((id) => host.plugin(id)));
    expect(hanging.map(({ status }) => status)).toEqual(['starting', 'starting', 'starting']);
    const ready = await host.api('/health/ready', { as: 'nobody' });
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', starting: 3 }]);
  });

  it('[MGR-4] what a plugin uses is measured, its children included', async () => {
    // an early sample is of a program that is being loaded
    const resources = await host.waitFor('a sample of all of it', async () => {
      const sample = (await host.plugin('modest')).resources;
      return sample !== null && sample.memory_bytes > MEBIBYTE && sample;
    });
    expect(resources).toMatchObject({ processes: 1, open_files: expect.any(Number) });
    expect(resources.memory_bytes).toBeLessThan(64 * MEBIBYTE);
  });

  it('a plugin that uses more memory than it may is ended for that, which is no crash', async () => {
    const ended = await host.untilPlugin('greedy', 'backoff');
    expect(ended).toMatchObject({ consecutive_crashes: 1 });
    await host.waitFor('the next sample', async () => (await host.plugin('greedy')).resources === null);
    expect(ended.reason).toMatch(/^it was ended for its budget: \d+\.\d MiB of memory, of at most 64\.0 MiB$/);
    const types = (await eventsOf(host, 'greedy')).map((event) => event.event_type);
    expect(types).toContain('budget_exceeded');
    expect(types).not.toContain('crashed');
    expect(await host.plugin('modest')).toMatchObject({ status: 'running' });
  });

  it('the descriptors of a plugin are bounded as it says', async () => {
    const { pid } = await host.plugin('modest');
    await host.waitFor('the bound', () =>
      /^Max open files +123 +123 /m.test(readFileSync(`/proc/${String(pid)}/limits`, 'utf8')),
    );
  });

  it('[LIF-2] a plugin that waits or hangs is disabled like any other', async () => {
    expect(await host.disable('a-hanging-1')).toMatchObject({ outcome: 'disabled', plugin: { status: 'disabled' } });
    expect(host.livingPluginsOf('a-hanging-1')).toEqual([]);
  });
});
