import { randomBytes } from 'node:crypto';
import { defineChecks } from '../check';
import { demand } from '../check-error';
import { now } from '../wire/frames';
import { isDoneWhileSlow } from './while-slow';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const rule = 'protocol-v2.md#5-http';
const UNKNOWN = { x_unknown: { list: [1, null, { deep: true }] }, x_text: 'ignored' };
/** Every byte there is, so that whoever takes them for text is found out. */
const ALL_BYTES = Buffer.from(Array.from({ length: 1024 }, (_, n) => n % 256));

export const V2_HTTP_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/http',
    expects:
      'a request gets an http answer with a status from 200 to 599, headers that HTTP allows, and one body that ends',
    run: async (kit) => {
      const metadata = await kit.pluginMetadata();
      const route = metadata?.route ?? '';
      const host = await kit.v2();
      await (await host.ask({})).bytes();
      await (await host.ask({ path: `${route}/?x=1`, base: route })).bytes();
      await (await host.ask({ path: '/conformance/there-is-no-such-path' })).bytes();
    },
  },
  {
    id: 'v2/methods',
    expects: 'a request of any method is answered',
    run: async (kit) => {
      const host = await kit.v2();
      for (const method of METHODS) await (await host.ask({ method })).bytes();
    },
  },
  {
    id: 'v2/one-answer',
    expects: 'every request gets exactly one answer, and nothing else is answered',
    rule: 'protocol-v2.md#2-envelope',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({});
      await host.ask({});
      await host.ping();
      const fault = kit.observations.faultOf('v2/one-answer');
      demand(fault === undefined, fault ?? '');
    },
  },
  {
    id: 'v2/concurrent',
    expects: '64 requests that are open at once are all answered, each with its own answer',
    rule: 'protocol-v2.md#2-envelope',
    run: async (kit) => {
      const host = await kit.v2();
      const echo = kit.options.routes.echo;
      await Promise.all(
        Array.from({ length: 64 }, async (_, n) => {
          const tail = Buffer.from(`request ${n} ${'x'.repeat(n * 50)}`);
          const answer = await host.ask(echo === undefined ? {} : { method: 'POST', path: echo, tail });
          const bytes = await answer.bytes();
          demand(echo === undefined || bytes.equals(tail), `request ${n} got the answer to another one`);
        }),
      );
    },
  },
  {
    id: 'v2/parallel',
    expects: 'a slow request does not keep a later one from being answered',
    level: 'should',
    needs: 'slow',
    run: async (kit) => {
      const host = await kit.v2();
      const isAnswered = await isDoneWhileSlow(kit, host, () => host.ask({}));
      demand(isAnswered, 'the later request was answered only after the slow one');
    },
  },
  {
    id: 'v2/unknown-fields',
    expects: 'fields that the plugin does not know are ignored',
    rule: 'protocol-v2.md#the-plugin-protocol-version-2',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({ unknownFields: UNKNOWN });
    },
  },
  {
    id: 'v2/unknown-type',
    expects: 'a message of a type that the plugin does not know is ignored, with a tail too',
    rule: 'protocol-v2.md#the-plugin-protocol-version-2',
    run: async (kit) => {
      const host = await kit.v2();
      host.send({ type: 'x-conformance', request_id: 'x', payload: UNKNOWN });
      host.send({ type: 'x-conformance', payload: UNKNOWN }, ALL_BYTES);
      await host.ask({});
    },
  },
  {
    id: 'v2/ignored-tail',
    expects: 'the tail of a message that has no use for one is ignored',
    rule: 'protocol-v2.md#1-frames',
    run: async (kit) => {
      const host = await kit.v2();
      const settings = { type: 'lifecycle', action: 'settings', timestamp: now() };
      host.send({ ...settings, payload: { settings: kit.options.settings } }, ALL_BYTES);
      await host.ask({});
    },
  },
  {
    id: 'v2/binary-body',
    expects: 'bytes of any value survive as the tail of a message, both ways',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      for (const tail of [ALL_BYTES, randomBytes(1), randomBytes(60_000)]) {
        const headers = { 'content-type': 'application/octet-stream' };
        const answer = await host.ask({ method: 'POST', path: kit.route('echo'), headers, tail });
        const bytes = await answer.bytes();
        demand(answer.status === 200, `it answered ${answer.status}`);
        demand(bytes.equals(tail), `${tail.length} bytes came back as ${bytes.length} others`);
      }
    },
  },
  {
    id: 'v2/text-body',
    expects: 'a body that is text in the payload is accepted',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      const body = 'žluť "quoted" 🧩';
      const bytes = await (await host.ask({ method: 'POST', path: kit.route('echo'), body })).bytes();
      demand(bytes.equals(Buffer.from(body)), `the text came back as ${bytes.length} other bytes`);
    },
  },
  {
    id: 'v2/empty-body',
    expects: 'a request without a body, and one with a tail of no bytes, have an empty one',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      for (const tail of [undefined, Buffer.alloc(0)]) {
        const request = { method: 'POST', path: kit.route('echo'), ...(tail && { tail }) };
        const bytes = await (await host.ask(request)).bytes();
        demand(bytes.length === 0, `${bytes.length} bytes came back`);
      }
    },
  },
  {
    id: 'v2/flood',
    expects: 'a plugin that prints a lot goes on serving',
    rule: 'protocol.md#process',
    needs: 'flood',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({ method: 'POST', path: kit.route('flood') });
      await host.ask({});
      await host.ping();
    },
  },
  {
    id: 'v2/log',
    expects: 'a log has a level from trace to fatal and a message',
    rule: 'protocol-v2.md#9-logs-and-events',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({ method: 'POST', path: kit.options.routes.tell ?? '/' });
      await host.ping();
      kit.demandSeen('log', 'v2/log', kit.options.routes.tell);
    },
  },
  {
    id: 'v2/event',
    expects: 'an event has a name of lower-case letters, digits, _ . and -',
    rule: 'protocol-v2.md#9-logs-and-events',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({ method: 'POST', path: kit.options.routes.tell ?? '/' });
      await host.ping();
      kit.demandSeen('event', 'v2/event', kit.options.routes.tell);
    },
  },
]);
