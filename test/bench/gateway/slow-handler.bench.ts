import type { Bench, Peer } from '../harness/bench';
import { bareServer, nginxProxy } from './front';
import { hostAlone } from './host-front';
import { LOAD_FIGURES, loadedBy } from './load';

const CLIENTS = 64;
const HANDLER_MS = 10;
/** What so many clients get when nothing but the handler takes time. */
const IDEAL = (CLIENTS * 1000) / HANDLER_MS;

const LOAD = { path: '/slow', connections: CLIENTS };

/** With its share of the ideal. */
function sharedOut(peer: Peer): Peer {
  return {
    ...peer,
    async start() {
      const { round, stop } = await peer.start();
      return {
        async round(seconds) {
          const figures = await round(seconds);
          return { ...figures, ideal: (figures['throughput'] ?? NaN) / IDEAL };
        },
        stop,
      };
    },
  };
}

export const bench: Bench = {
  name: 'gateway/slow-handler',
  title: `a handler that takes ${HANDLER_MS} ms (a timer of Node), ${CLIENTS} clients; ideal would be ${IDEAL}/s`,
  figures: { ideal: { title: 'share of the ideal', unit: 'of it', better: 'more' }, ...LOAD_FIGURES },
  peers: [
    loadedBy(LOAD, { name: 'node:http, no proxy' }, bareServer),
    loadedBy(LOAD, { name: 'nginx' }, nginxProxy),
    loadedBy(LOAD, { name: 'host', against: ['node:http, no proxy', 'nginx'] }, hostAlone),
  ].map(sharedOut),
  targets: [{ peer: 'host', figure: 'ideal', of: 'value', atLeast: 0.95 }],
};
