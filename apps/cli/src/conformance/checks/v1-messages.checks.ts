import { randomUUID } from 'node:crypto';
import { defineChecks } from '../check';
import { demand, skip } from '../check-error';
import { frame, now } from '../wire/frames';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const REQUEST = 'protocol.md#http-request-host-to-plugin';
const ANSWER = 'protocol.md#http-answer-plugin-to-host';
const UNKNOWN = { x_unknown: { list: [1, null, { deep: true }] }, x_text: 'ignored' };

/** Characters that encoders and decoders are known to damage. */
const TEXT = 'plain "quoted" back\\slash \t tab \n line / žluť 日本語 🧩 \u2028 end';

export const V1_MESSAGE_CHECKS = defineChecks({ rule: REQUEST, protocol: 1 }, [
  {
    id: 'v1/init',
    expects: 'init is taken and not answered, and the plugin serves afterwards',
    rule: 'protocol.md#lifecycle-host-to-plugin',
    run: async (kit) => {
      const host = await kit.v1();
      const frames = kit.shared.framesAfterInit;
      demand(frames === 0, `${frames} frame(s) came back on the connection of init`);
      await host.exchange({});
    },
  },
  {
    id: 'v1/http',
    expects: 'an http request gets an http answer with its request_id, a status, headers and a body that HTTP allows',
    rule: ANSWER,
    run: async (kit) => {
      const metadata = await kit.pluginMetadata();
      const host = await kit.v1();
      await host.exchange({});
      await host.exchange({ path: `${metadata?.route ?? ''}/?x=1` });
      await host.exchange({ path: '/conformance/there-is-no-such-path' });
    },
  },
  {
    id: 'v1/methods',
    expects: 'a request of any method is answered',
    rule: REQUEST,
    run: async (kit) => {
      const host = await kit.v1();
      for (const method of METHODS) await host.exchange({ method, body: method === 'POST' ? '{}' : null });
    },
  },
  {
    id: 'v1/unknown-fields',
    expects: 'fields that the plugin does not know are ignored, on every level',
    rule: 'protocol.md#messages',
    run: async (kit) => {
      const host = await kit.v1();
      await host.exchange({}, { unknownFields: UNKNOWN });
    },
  },
  {
    id: 'v1/unknown-type',
    expects: 'a message of a type that the plugin does not know does no harm',
    rule: 'protocol.md#order',
    run: async (kit) => {
      const host = await kit.v1();
      const message = { type: 'x-conformance', timestamp: now(), request_id: randomUUID(), payload: UNKNOWN };
      await host.sendAndLeave(frame(message));
      await host.sendAndLeave(frame({ ...message, type: 'lifecycle', action: 'x-conformance' }));
      await host.exchange({});
    },
  },
  {
    id: 'v1/concurrent',
    expects: 'requests on 16 connections at once are all answered, each with its own answer',
    rule: 'protocol.md#order',
    run: async (kit) => {
      const host = await kit.v1();
      const echo = kit.options.routes.echo;
      await Promise.all(
        Array.from({ length: 16 }, async (_, n) => {
          const body = `request ${n} ${'x'.repeat(n * 100)}`;
          const answer = await host.exchange(echo === undefined ? {} : { method: 'POST', path: echo, body });
          demand(echo === undefined || answer.body === body, `request ${n} got the answer to another one`);
        }),
      );
    },
  },
  {
    id: 'v1/text-body',
    expects: 'the text of a body survives, both ways',
    rule: ANSWER,
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v1();
      for (const body of [TEXT, '', '{"a":1}', 'x'.repeat(200_000)]) {
        const answer = await host.exchange({ method: 'POST', path: kit.route('echo'), body });
        demand((answer.body ?? '') === body, `a body of ${body.length} characters came back as another one`);
      }
    },
  },
  {
    id: 'v1/abandoned',
    expects: 'a request whose connection is closed before the answer does no harm',
    rule: 'protocol.md#order',
    run: async (kit) => {
      const host = await kit.v1();
      const payload = { method: 'GET', path: kit.options.routes.slow ?? '/', headers: {}, body: null };
      const id = randomUUID();
      const inner = { type: 'http', request_id: id, payload };
      for (let n = 0; n < 3; n++) {
        await host.sendAndLeave(frame({ type: 'http', timestamp: now(), request_id: id, payload: inner }));
      }
      await host.exchange({});
    },
  },
  {
    id: 'v1/flood',
    expects: 'a plugin that prints a lot goes on serving',
    rule: 'protocol.md#process',
    needs: 'flood',
    run: async (kit) => {
      const host = await kit.v1();
      await host.exchange({ method: 'POST', path: kit.route('flood') });
      await host.exchange({});
    },
  },
  {
    id: 'v1/kv-request',
    expects: 'kv requests have a request_id, an action and what it needs, and their answers are understood',
    rule: 'protocol.md#key-value-request-plugin-to-host',
    run: async (kit) => {
      const host = await kit.v1();
      const path = kit.options.routes.kv;
      if (path !== undefined) {
        const value = `value ${randomUUID()}`;
        const answer = await host.exchange({ method: 'POST', path, body: value });
        demand(kit.observations.timesSeen('kv') > 0, `${path} did not ask for any key`);
        demand(answer.status === 200 && answer.body === value, `the value came back as status ${answer.status}`);
      }
      const fault = kit.observations.faultOf('v1/kv-request');
      demand(fault === undefined, fault ?? '');
      if (kit.observations.timesSeen('kv') === 0) skip('the plugin asked for no key: see --kv-path');
    },
  },
  {
    id: 'v1/kv-error',
    expects: 'a kv answer with an error does not keep the plugin from answering',
    rule: 'protocol.md#key-value-request-plugin-to-host',
    needs: 'kv',
    run: async (kit) => {
      const host = await kit.v1();
      kit.kv.refuses = true;
      try {
        const { status } = await host.exchange({ method: 'POST', path: kit.route('kv'), body: 'refused' });
        demand(status >= 400, `it answered ${status} although nothing was stored`);
      } finally {
        kit.kv.refuses = false;
      }
    },
  },
  {
    id: 'v1/kv-host',
    expects: 'a plugin that keeps keys itself answers get, set and delete of the host',
    rule: 'protocol.md#key-value-request-host-to-plugin',
    run: async (kit) => {
      if (!kit.options.kvStore) skip('the plugin keeps no keys itself: see --kv-store');
      const host = await kit.v1();
      const key = `conformance-${randomUUID()}`;
      await host.askKv({ action: 'set', key, value: 'kept' });
      const kept = await host.askKv({ action: 'get', key });
      demand(kept.value === 'kept', 'get does not give what set has stored');
      await host.askKv({ action: 'delete', key });
      const gone = await host.askKv({ action: 'get', key });
      demand(gone.value === null, 'get still gives what delete has removed');
    },
  },
]);
