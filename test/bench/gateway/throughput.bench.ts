import type { Bench } from '../harness/bench';
import { bareServer, nginxProxy, nodeProxy } from './front';
import { SharedHost, tokenOf } from './host-front';
import { LOAD_FIGURES, loadedBy } from './load';

const LOAD = { path: '/json', connections: 32 };
const OTHERS = ['nginx', 'node:http, no proxy', 'proxy on undici', 'proxy on http-proxy-3'] as const;
const [NGINX, BARE, UNDICI, HTTP_PROXY] = OTHERS;

/** One host for both: they differ in what a request is authenticated by. */
const host = new SharedHost({ bench: 'plugin' });

export const bench: Bench = {
  name: 'gateway/throughput',
  title: 'JSON of 1 KiB, 32 connections, authenticated',
  figures: LOAD_FIGURES,
  peers: [
    loadedBy(LOAD, { name: NGINX }, nginxProxy),
    loadedBy(LOAD, { name: BARE }, bareServer),
    loadedBy(LOAD, { name: UNDICI }, () => nodeProxy('undici-proxy')),
    loadedBy(LOAD, { name: HTTP_PROXY }, () => nodeProxy('http-proxy-3')),
    loadedBy(LOAD, { name: 'host, cookie', against: OTHERS }, () => host.front('bench')),
    loadedBy(LOAD, { name: 'host, token', against: OTHERS }, () => host.front('bench', tokenOf)),
  ],
  targets: ['host, cookie', 'host, token'].flatMap((peer) => [
    { peer, figure: 'throughput', of: 'ratio', against: NGINX, atLeast: 1 },
    { peer, figure: 'throughput', of: 'ratio', against: BARE, atLeast: 0.6 },
    { peer, figure: 'throughput', of: 'ratio', against: UNDICI, atLeast: 2.2 },
    { peer, figure: 'throughput', of: 'ratio', against: HTTP_PROXY, atLeast: 4 },
  ]),
};
