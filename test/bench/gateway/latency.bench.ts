import type { Bench } from '../harness/bench';
import { bareServer, nginxProxy } from './front';
import { hostAlone } from './host-front';
import { LOAD_FIGURES, loadedBy, type Load } from './load';

const LOAD: Load = { path: '/json', connections: 1, warmUp: { connections: 32, seconds: 5 } };

export const bench: Bench = {
  name: 'gateway/latency',
  title: 'JSON of 1 KiB, one connection, one request after the other',
  figures: LOAD_FIGURES,
  peers: [
    loadedBy(LOAD, { name: 'nginx' }, nginxProxy),
    loadedBy(LOAD, { name: 'node:http, no proxy' }, bareServer),
    loadedBy(LOAD, { name: 'host', against: ['nginx', 'node:http, no proxy'] }, hostAlone),
  ],
  targets: [{ peer: 'host', figure: 'median', of: 'ratio', against: 'nginx', atMost: 1.5 }],
};
