import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { realCgroup } from '../../apps/server/src/common/testing/real-cgroup';
import { startHost, type TestHost } from '../support/host';

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
    for (const name of leaves()) rmdirSync(path.join(cgroup, name));
    rmdirSync(cgroup);
  });

  const leaves = (): string[] =>
    readdirSync(cgroup, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const pidsIn = (leaf: string): number[] =>
    readFileSync(path.join(cgroup, leaf, 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n')
      .map(Number);

  it('[ISO-1] each has one of its own with all that it starts, the host is in none of them, and the log says so', () => {
    expect(leaves()).toEqual([expect.stringMatching(/^tribe-[0-9a-f]{32}$/)]);
    const inside = pidsIn(leaves()[0]!);
    expect(inside.sort()).toEqual([...host.livingPlugins()].sort());
    expect(inside).toHaveLength(2);
    const log = readFileSync(path.join(host.directories.log, 'host.log'), 'utf8');
    expect(log).toContain(`cgroup v2 is used below ${cgroup} (TORU_CGROUP names it)`);
  });

  it('[MGR-4] what it uses is measured there', async () => {
    const { resources } = await host.waitFor('a sample', async () => {
      const plugin = await host.plugin('tribe');
      if (plugin.resources === null) throw new Error('none yet');
      return plugin;
    });
    expect(resources).toMatchObject({ processes: 2, open_files: expect.any(Number) });
  });

  it('faults 11: [LIF-2] nobody and nothing is left when it is disabled; others’ cgroups stay', async () => {
    const foreign = `tribe-${'0'.repeat(32)}`;
    mkdirSync(path.join(cgroup, foreign));
    await host.disable('tribe');
    expect([host.livingPlugins(), leaves()]).toEqual([[], [foreign]]);
  });
});
