import type { Bench } from '../harness/bench';
import { SharedHost } from './host-front';
import { LOAD_FIGURES, loadedBy } from './load';

const LOAD = { path: '/json', connections: 32 };

const host = new SharedHost({ bench: 'plugin', 'bench-1': 'plugin-version-1' });

export const bench: Bench = {
  name: 'gateway/versions',
  title:
    'JSON of 1 KiB, 32 connections: a plugin of version 1, written by hand in Node, and one of version 2 with the SDK',
  figures: LOAD_FIGURES,
  peers: [
    loadedBy(LOAD, { name: 'version 2' }, () => host.front('bench')),
    loadedBy(LOAD, { name: 'version 1', against: 'version 2' }, () => host.front('bench-1')),
  ],
  targets: [{ peer: 'version 1', figure: 'throughput', of: 'ratio', atLeast: 0.4 }],
};
