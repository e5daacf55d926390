import type { TestHost } from '../../support/host';
import type { Bench, Peer } from '../harness/bench';
import { HangingClients } from './hanging-clients';
import { cookieOf, hostFront, startBenchHost } from './host-front';
import { LOAD_FIGURES, measure } from './load';
import { Shared } from './shared';

const LOAD = { path: '/json', connections: 32 };
const CLIENTS = 64;

const host = new Shared<TestHost>(
  () => startBenchHost({ bench: 'plugin', 'hang-1': 'hang-version-1', 'hang-2': 'hang-version-2' }),
  (started) => started.dispose(),
);

/** Loads `bench`, while clients hang on the other one if there is one. */
function besides(name: string, hanging: string | undefined): Peer {
  return {
    name,
    ...(hanging !== undefined && { against: 'alone' }),
    async start() {
      const started = await host.take();
      const front = await hostFront(started, 'bench', await cookieOf(started));
      return {
        async round(seconds) {
          if (hanging === undefined) return measure(front, LOAD, seconds);
          const neighbour = await hostFront(started, hanging, await cookieOf(started));
          const clients = await HangingClients.start(neighbour, CLIENTS);
          const round = await measure(front, LOAD, seconds);
          clients.stop();
          return round;
        },
        stop: () => host.giveBack(),
      };
    },
  };
}

export const bench: Bench = {
  name: 'gateway/hanging-neighbour',
  title: `JSON of 1 KiB, 32 connections, while ${CLIENTS} clients hang on another plugin, which takes requests and never answers`,
  figures: LOAD_FIGURES,
  peers: [besides('alone', undefined), besides('beside version 1', 'hang-1'), besides('beside version 2', 'hang-2')],
  targets: ['beside version 1', 'beside version 2'].map((peer) => ({
    ...{ peer, figure: 'throughput', of: 'ratio', atLeast: 0.95 },
  })),
};
