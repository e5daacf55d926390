import { randomUUID } from 'node:crypto';
import { asRecord, asString, field } from '@toru/protocol';
import { defineChecks } from '../check';
import { demand, skip } from '../check-error';
import type { Kit } from '../kit';
import { requireFeature } from './require-feature';

const rule = 'protocol-v2.md#8-key-value-storage';

export const V2_KV_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/kv-request',
    expects: 'kv requests have ids of their own, an action and what it needs, and their answers are understood',
    run: async (kit) => {
      const host = await kit.v2();
      const path = kit.options.routes.kv;
      if (path !== undefined) {
        const before = kit.observations.timesSeen('kv');
        const value = `value ${randomUUID()}`;
        const answer = await host.ask({ method: 'POST', path, tail: Buffer.from(value) });
        const bytes = await answer.bytes();
        demand(kit.observations.timesSeen('kv') > before, `${path} did not ask for any key`);
        demandNoFault(kit);
        demand(answer.status === 200 && bytes.toString() === value, `the value came back as status ${answer.status}`);
      }
      demandNoFault(kit);
      if (kit.observations.timesSeen('kv') === 0) skip('the plugin asked for no key: see --kv-path');
    },
  },
  {
    id: 'v2/kv-error',
    expects: 'a kv answer with an error does not keep the plugin from answering',
    needs: 'kv',
    run: async (kit) => {
      const host = await kit.v2();
      kit.kv.refuses = true;
      try {
        const { status } = await host.ask({ method: 'POST', path: kit.route('kv'), tail: Buffer.from('refused') });
        demand(status >= 400, `it answered ${status} although nothing was stored`);
      } finally {
        kit.kv.refuses = false;
      }
    },
  },
  {
    id: 'v2/kv-host',
    expects: 'a kv request of the host is answered: get with value and revision, or an error with code and message',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'kv');
      const key = `conformance-${randomUUID()}`;
      const payload = await host.askKv({ action: 'get', key });
      const error = asRecord(payload, 'error');
      if (error) {
        demand(asString(error, 'code') !== undefined, 'the error has no code');
        if (kit.options.kvStore) demand(false, `it refuses: ${asString(error, 'code') ?? ''}`);
        return;
      }
      demand(field(payload, 'value') === null, 'a key that nobody has set has a value');
      if (!kit.options.kvStore) return;
      await host.askKv({ action: 'set', key, value: 'kept' });
      const kept = await host.askKv({ action: 'get', key });
      demand(field(kept, 'value') === 'kept', 'get does not give what set has stored');
      await host.askKv({ action: 'delete', key });
      const gone = await host.askKv({ action: 'get', key });
      demand(field(gone, 'value') === null, 'get still gives what delete has removed');
    },
  },
  {
    id: 'v2/kv-host-invalid',
    expects: 'a kv request of the host that is wrong is answered with an error',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'kv');
      const payload = await host.askKv({ action: 'x-conformance', key: 'k' });
      demand(asRecord(payload, 'error') !== undefined, 'it was answered without an error');
    },
  },
]);

/** What is wrong with a request tells more than what came of it. */
function demandNoFault({ observations }: Kit): void {
  const fault = observations.faultOf('v2/kv-request');
  demand(fault === undefined, fault ?? '');
}
