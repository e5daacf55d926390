import { GatewayFixture } from './gateway-fixture';
import { StreamingPlugin } from './streaming-plugin';

/** A gateway and the plugin behind it, as the tests of one file see them. */
export interface GatewayWithPlugin {
  host: GatewayFixture;
  plugin: StreamingPlugin;
  /** How many requests Node's server has seen: those that did not stay plain. A test may count anew. */
  known: number;
}

/** Starts both before each test of the file that calls it, and stops them afterwards. */
export function gatewayWithPlugin(...options: ConstructorParameters<typeof GatewayFixture>): GatewayWithPlugin {
  const now = { known: 0 } as GatewayWithPlugin;
  beforeEach(async () => {
    now.host = new GatewayFixture(...options);
    now.plugin = new StreamingPlugin();
    await Promise.all([now.host.start(), now.plugin.start()]);
    now.host.acme.stream = now.plugin.channel;
    now.known = 0;
    now.host.server.on('request', () => (now.known += 1));
  });
  afterEach(async () => {
    await now.host.stop();
    await now.plugin.stop();
  });
  return now;
}
