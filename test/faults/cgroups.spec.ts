import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { realCgroup } from '../../apps/server/src/common/testing/real-cgroup';
import { startHost, type TestHost } from '../support/host';
import { waitFor } from '../support/wait-for';

const tree = realCgroup();

/** What needs no controller: this runs wherever there is a cgroup v2 in which the tests may make one. */
(tree === undefined ? describe.skip : describe)('plugins in cgroups (skipped without a cgroup v2)', () => {
  const cgroup = tree!;
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { tribe: { behaviour: 'grandchild-in-own-session' } },
      env: { TORU_CGROUP: cgroup, TORU_RESOURCE_INTERVAL_MS: '100' },
    });
    await host.untilPlugin('tribe', 'running');
  });
  afterAll(async () => {
    await host.dispose();
    // who was ended a moment ago may still be on its way out of a cgroup
    await waitFor('its cgroups to be empty', () => {
      for (const name of leaves()) rmdirSync(path.join(cgroup, name));
      rmdirSync(cgroup);
      return !existsSync(cgroup);
    });
  });

  const leaves = (): string[] =>
    readdirSync(cgroup, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const pidsIn = (leaf: string): number[] =>
    inOrder(readFileSync(path.join(cgroup, leaf, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? []);
  const inOrder = (pids: readonly (number | string)[]): number[] => pids.map(Number).sort((a, b) => a - b);

  it('[ISO-1] each has one of its own with all that it starts, the host is in none of them, and the log says so', async () => {
    expect(leaves()).toEqual([expect.stringMatching(/^tribe-[0-9a-f]{32}$/)]);
    const inside = await host.waitFor('both of its processes', () => {
      const pids = pidsIn(leaves()[0]!);
      return pids.length === 2 && pids;
    });
    expect(inside).toEqual(inOrder(host.livingPlugins()));
    await host.waitFor('the host to say so', () =>
      readFileSync(path.join(host.directories.log, 'host.log'), 'utf8').includes(
        `cgroup v2 is used below ${cgroup} (TORU_CGROUP names it)`,
      ),
    );
  });

  it('[MGR-4] what it uses is measured there', async () => {
    // an early sample may be of a plugin that has not started its child yet
    const resources = await host.waitFor('a sample of both of its processes', async () => {
      const sample = (await host.plugin('tribe')).resources;
      return sample?.processes === 2 && sample;
    });
    expect(resources).toMatchObject({ open_files: expect.any(Number), memory_bytes: expect.any(Number) });
  });

  it('faults 11: [LIF-2] nobody and nothing is left when it is disabled; others’ cgroups stay', async () => {
    const foreign = `tribe-${'0'.repeat(32)}`;
    mkdirSync(path.join(cgroup, foreign));
    await host.disable('tribe');
    expect([host.livingPlugins(), leaves()]).toEqual([[], [foreign]]);
  });
});
