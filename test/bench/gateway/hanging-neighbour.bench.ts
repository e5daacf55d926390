import type { Bench, Peer } from '../harness/bench';
import { orStop } from './front';
import { HangingClients } from './hanging-clients';
import { SharedHost } from './host-front';
import { LOAD_FIGURES, loadedBy } from './load';

const LOAD = { path: '/json', connections: 32 };
const CLIENTS = 64;

const host = new SharedHost({ bench: 'plugin', 'hang-1': 'hang-version-1', 'hang-2': 'hang-version-2' });

const alone = loadedBy(LOAD, { name: 'alone' }, () => host.front('bench'));

/** The same load, while clients hang on another plugin. */
function beside(name: string, hanging: string): Peer {
  return {
    ...{ name, against: 'alone' },
    async start() {
      const neighbour = await host.front(hanging);
      const { round, stop } = await orStop(neighbour, () => alone.start());
      return {
        async round(seconds) {
          const clients = await HangingClients.start(neighbour, CLIENTS);
          const figures = await round(seconds);
          clients.stop();
          return figures;
        },
        async stop() {
          await neighbour.stop();
          await stop();
        },
      };
    },
  };
}

export const bench: Bench = {
  name: 'gateway/hanging-neighbour',
  title: `JSON of 1 KiB, 32 connections, while ${CLIENTS} clients hang on another plugin, which takes requests and never answers`,
  figures: LOAD_FIGURES,
  peers: [alone, beside('beside version 1', 'hang-1'), beside('beside version 2', 'hang-2')],
  targets: ['beside version 1', 'beside version 2'].map((peer) => ({
    ...{ peer, figure: 'throughput', of: 'ratio', atLeast: 0.95 },
  })),
};
