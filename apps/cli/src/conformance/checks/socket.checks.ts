import { setTimeout as delay } from 'node:timers/promises';
import { defineChecks } from '../check';
import { CheckSkip, demand, skip } from '../check-error';
import type { Kit } from '../kit';
import { describeEnd, LaunchError } from '../process/launch';

const rule = 'protocol.md#process';

/** Starts the shared process; a problem of another stage than one's own is another check's. */
async function reach(kit: Kit, stage: LaunchError['stage']): Promise<void> {
  try {
    await kit.shared.started();
  } catch (error) {
    const at = error instanceof LaunchError ? error.stage : undefined;
    if (at === stage) throw error;
    if (at === 'socket/created') skip(`the plugin could not be started: ${messageOf(error)}`);
    // it has come further than this: a later check is to fail for it
    if (error instanceof CheckSkip) throw error;
    kit.shared.tellProblemAgain();
  }
}

export const SOCKET_CHECKS = defineChecks({ rule }, [
  {
    id: 'socket/created',
    expects: 'a stream socket at TORU_PLUGIN_SOCKET within 10 s of the start',
    run: (kit) => reach(kit, 'socket/created'),
  },
  {
    id: 'socket/accepts',
    expects: 'the socket accepts within 10 s of the start',
    run: (kit) => reach(kit, 'socket/accepts'),
  },
  {
    id: 'socket/foreground',
    expects: 'the process that was started stays, and serves the socket itself',
    run: async (kit) => {
      const { process } = await kit.shared.started();
      // what goes into the background has ended its first process by the time its socket accepts, or a moment later
      await process.exitWithin(BACKGROUND_MS);
      demand(process.exit === undefined, `it ${describeEnd(process)} while its socket accepted`);
    },
  },
  {
    id: 'socket/several',
    expects: 'several connections can be open at once',
    protocol: 1,
    rule: 'protocol.md#order',
    run: async (kit) => {
      const host = await kit.v1();
      const connections = await Promise.all(Array.from({ length: 4 }, () => host.open(() => undefined)));
      await delay(SETTLE_MS);
      const closed = connections.find(({ closedReason }) => closedReason !== undefined);
      demand(closed === undefined, closed?.closedReason ?? '');
      for (const connection of connections) connection.destroy();
      await host.exchange({});
    },
  },
  {
    id: 'socket/empty-connection',
    expects: 'a connection that ends without a message (a health check) does no harm',
    protocol: 1,
    rule: 'protocol.md#order',
    run: async (kit) => {
      const host = await kit.v1();
      for (let n = 0; n < 3; n++) (await host.open(() => undefined)).destroy();
      await host.exchange({});
    },
  },
]);

const BACKGROUND_MS = 100;
/** So long a plugin has to show that it does not want a connection. */
const SETTLE_MS = 50;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
