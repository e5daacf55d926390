import type { TestHost } from '../../support/host';
import type { Bench } from '../harness/bench';
import type { Front } from './front';
import { cookieOf, hostFront, startBenchHost } from './host-front';
import { LOAD_FIGURES, loadedBy } from './load';
import { Shared } from './shared';

const LOAD = { path: '/json', connections: 32 };

const host = new Shared<TestHost>(
  () => startBenchHost({ bench: 'plugin', 'bench-1': 'plugin-version-1' }),
  (started) => started.dispose(),
);

async function sharedHost(plugin: string): Promise<Front> {
  const started = await host.take();
  const front = await hostFront(started, plugin, await cookieOf(started));
  return { ...front, stop: () => host.giveBack() };
}

export const bench: Bench = {
  name: 'gateway/versions',
  title:
    'JSON of 1 KiB, 32 connections: a plugin of version 1, written by hand in Node, and one of version 2 with the SDK',
  figures: LOAD_FIGURES,
  peers: [
    loadedBy(LOAD, { name: 'version 2' }, () => sharedHost('bench')),
    loadedBy(LOAD, { name: 'version 1', against: 'version 2' }, () => sharedHost('bench-1')),
  ],
  targets: [{ peer: 'version 1', figure: 'throughput', of: 'ratio', atLeast: 0.4 }],
};
