import { setTimeout as delay } from 'node:timers/promises';
import { defineChecks } from '../check';
import { demand } from '../check-error';
import type { Kit } from '../kit';
import { requestFrame } from '../wire/request-v2';
import { requireFeature } from './require-feature';

const rule = 'protocol-v2.md#7-cancel';
/** So long a cancelled handler would have taken; the kit waits longer for what must not come. */
const SLOW_MS = 150;

const slowPath = (kit: Kit): string => `${kit.route('slow')}?ms=${SLOW_MS}`;

export const V2_CANCEL_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/cancel',
    expects: 'a request that was cancelled is not answered any more, and the plugin goes on serving',
    needs: 'slow',
    run: async (kit) => {
      const host = await kit.v2();
      const id = host.newId();
      // in one piece: a plugin that stands still between the two might be done before it reads the second
      host.cancel(id, requestFrame(id, { path: slowPath(kit) }));
      // an answer that is late comes before the one of a request that takes as long and began later
      await host.ask({ path: slowPath(kit) });
      await delay(SLOW_MS);
      await host.ping();
      demand(!host.answeredAfterCancel.has(id), 'the answer came all the same');
      await host.ask({});
    },
  },
  {
    id: 'v2/cancel-unknown',
    expects: 'a cancel for an id that is not open is ignored',
    run: async (kit) => {
      const host = await kit.v2();
      host.cancel('conformance-never-asked');
      const id = host.newId();
      await host.ask({ id });
      host.cancel(id);
      await host.ask({});
      await host.ping();
    },
  },
  {
    id: 'v2/cancel-stream',
    expects: 'a cancel while the body still comes leaves the plugin serving',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const id = host.newId();
      const stream = host.openStream();
      host.write(requestFrame(id, { method: 'POST', path: kit.route('echo'), stream: stream.id }));
      stream.sendSome(Buffer.alloc(1000));
      host.cancel(id);
      stream.breakOff('cancelled');
      await host.ask({});
      await host.ping();
    },
  },
]);
