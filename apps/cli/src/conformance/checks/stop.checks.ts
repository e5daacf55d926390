import { defineChecks } from '../check';
import { demand, fail, skip } from '../check-error';
import type { Kit } from '../kit';
import { describeEnd, type RunningPlugin } from '../process/launch';
import { describeExit } from '../process/plugin-process';

const STOPPING = 'protocol.md#process';
const LIFE_V2 = 'protocol-v2.md#3-life';
const SLOW_MS = 300;

async function endsWell(kit: Kit, { process }: RunningPlugin): Promise<void> {
  const exit = await process.exitWithin(kit.options.graceMs);
  if (!exit) fail(`it still ran ${kit.options.graceMs} ms after shutdown`);
  demand(exit.code === 0, `it ${describeEnd(process)}`);
}

export const STOP_CHECKS = defineChecks({ rule: STOPPING }, [
  {
    id: 'stop/unasked',
    expects: 'the process ends only when it is told to',
    rule: STOPPING,
    run: async (kit) => {
      await kit.shared.started();
      const { unaskedEnd } = kit.shared;
      demand(unaskedEnd === undefined, `it ${unaskedEnd ?? ''}`);
    },
  },
  {
    id: 'stop/shutdown',
    expects: 'shutdown ends the process with status 0 within its grace',
    rule: STOPPING,
    isAlone: true,
    run: async (kit) => {
      if (kit.protocol === 2) {
        await kit.withFreshSession(async ({ plugin, host }) => {
          await host.ask({});
          host.lifecycle('shutdown', { grace_ms: kit.options.graceMs });
          await endsWell(kit, plugin);
        });
        return;
      }
      await kit.withFresh(async (plugin) => {
        const host = kit.v1Of(plugin);
        await host.init(kit.instanceId, plugin.place.logPath);
        await host.exchange({});
        await host.shutdown();
        await endsWell(kit, plugin);
      });
    },
  },
  {
    id: 'stop/in-flight',
    expects: 'what is in flight at shutdown is answered, then the process ends with status 0',
    rule: LIFE_V2,
    protocol: 2,
    needs: 'slow',
    isAlone: true,
    run: (kit) =>
      kit.withFreshSession(async ({ plugin, host }) => {
        const slow = host.ask({ path: `${kit.route('slow')}?ms=${SLOW_MS}` });
        host.lifecycle('shutdown', { grace_ms: kit.options.graceMs });
        const { status } = await slow;
        demand(status === 200, `the request in flight was answered with ${status}`);
        await endsWell(kit, plugin);
      }),
  },
  {
    id: 'stop/in-flight-v1',
    expects: 'what is in flight at shutdown is answered, then the process ends with status 0',
    rule: STOPPING,
    protocol: 1,
    level: 'should',
    needs: 'slow',
    isAlone: true,
    run: (kit) =>
      kit.withFresh(async (plugin) => {
        const host = kit.v1Of(plugin);
        await host.init(kit.instanceId, plugin.place.logPath);
        const slow = host.exchange({ path: `${kit.route('slow')}?ms=${SLOW_MS}` });
        slow.catch(() => undefined);
        // a later one that is answered: by then the slow one has been read, on a busy machine too
        await Promise.all([host.exchange({}), host.deliver(Buffer.alloc(0), 50)]);
        await host.shutdown();
        await slow;
        await endsWell(kit, plugin);
      }),
  },
  {
    id: 'stop/sigterm',
    expects: 'SIGTERM ends the process within 2 s',
    rule: STOPPING,
    run: async (kit) => {
      const { exit } = await kit.shared.terminated();
      demand(exit !== undefined, `it still ran ${kit.options.killDelayMs} ms after SIGTERM`);
    },
  },
  {
    id: 'stop/host-gone',
    expects: 'a plugin whose connection to the host is gone ends itself, with a status other than 0',
    rule: LIFE_V2,
    protocol: 2,
    run: (kit) =>
      kit.withFreshSession(async ({ plugin: { process }, host }) => {
        await host.ask({});
        host.destroy();
        const exit = await process.exitWithin(kit.timeoutMs);
        if (!exit) fail(`it still ran ${kit.timeoutMs} ms after its host was gone`);
        demand(exit.code !== 0, `it ${describeExit(exit)}`);
      }),
  },
  {
    id: 'stop/leftover',
    expects: 'nothing that the plugin started is left when it has ended',
    rule: STOPPING,
    run: async (kit) => {
      if (!kit.canFindLeftovers) skip('there is no /proc here');
      const { exit, leftovers } = await kit.shared.terminated();
      if (!exit) skip('SIGTERM does not end it');
      demand(leftovers.length === 0, `${leftovers.length} process(es) of it still ran`);
    },
  },
]);
