import type { Bench } from './harness/bench';
import { bench as gatewayHangingNeighbour } from './gateway/hanging-neighbour.bench';
import { bench as gatewayLargeBodies } from './gateway/large-bodies.bench';
import { bench as gatewayLatency } from './gateway/latency.bench';
import { bench as gatewaySlowHandler } from './gateway/slow-handler.bench';
import { bench as gatewayThroughput } from './gateway/throughput.bench';
import { bench as gatewayVersions } from './gateway/versions.bench';
import { bench as gatewayWebSockets } from './gateway/websockets.bench';
import { bench as hundredPlugins } from './supervisor/hundred-plugins.bench';
import { bench as codec } from './wire/codec.bench';
import { bench as largeBodies } from './wire/large-bodies.bench';
import { bench as roundTrips } from './wire/round-trips.bench';

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  codec,
  roundTrips,
  largeBodies,
  hundredPlugins,
  gatewayThroughput,
  gatewayLatency,
  gatewayVersions,
  gatewaySlowHandler,
  gatewayHangingNeighbour,
  gatewayLargeBodies,
  gatewayWebSockets,
];
