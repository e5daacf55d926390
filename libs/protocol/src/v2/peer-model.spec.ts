import fc from 'fast-check';
import type { ReceiveStream } from './receive-stream';
import { RequestError } from './connection-errors';
import { HEAD, INIT, LONG_MS, collect, peers } from './testing/peers';

/** One thing that happens, and how long (in turns of the event loop) each part of it waits. */
const step = fc.record({
  kind: fc.constantFrom('echo', 'kv-host', 'kv-plugin', 'ping'),
  size: fc.constantFrom(0, 1, 100, 65_536, 65_537, 200_000),
  before: fc.nat(4),
  handler: fc.nat(4),
  cancelAfter: fc.option(fc.nat(8), { nil: undefined }),
});

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}

/** Bytes that tell their request and their place. */
function pattern(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let n = 0; n < size; n++) bytes[n] = (seed * 31 + n * 7) & 0xff;
  return bytes;
}

describe('two connections back to back', () => {
  it('[PRO-6] [PRO-7] [KV-8] give every request one outcome, and every byte in its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.constantFrom(1000, 70_000, 262_144),
        async (steps, window) => {
          const kv = async ({ key }: { key?: string }) => {
            await turns(Number(key) % 3);
            return { value: key ?? null, revision: 1 };
          };
          const both = await peers({
            init: { ...INIT, limits: { ...INIT.limits, window } },
            host: { kv: (request) => kv(request as { key?: string }) },
            plugin: {
              kv: (request) => kv(request as { key?: string }),
              http: async ({ path, body }) => {
                await turns(Number(path.slice(1)));
                return { status: 200, headers: {}, body: body as Uint8Array | ReceiveStream };
              },
            },
          });
          const { host, plugin } = both;
          const run = async ({ kind, size, before, handler, cancelAfter }: (typeof steps)[number], seed: number) => {
            await turns(before);
            if (kind === 'ping') return host.ping(LONG_MS);
            const controller = new AbortController();
            const { signal } = controller;
            if (cancelAfter !== undefined) void turns(cancelAfter).then(() => controller.abort());
            if (kind !== 'echo') {
              const key = String(seed);
              const answer = await (kind === 'kv-host' ? host : plugin).kv({ action: 'get', key }, { signal });
              expect(answer).toEqual({ value: key, revision: 1 });
              return undefined;
            }
            const bytes = pattern(seed, size);
            const { body } = await host.http({ ...HEAD, path: `/${handler}` }, { body: bytes, signal });
            const received = body instanceof Uint8Array ? body : body ? await collect(body) : Buffer.alloc(0);
            expect(Buffer.compare(received, bytes)).toBe(0);
            return undefined;
          };
          const outcomes = await Promise.allSettled(steps.map(run));
          for (const [n, outcome] of outcomes.entries()) {
            if (outcome.status === 'fulfilled') continue;
            expect(outcome.reason).toBeInstanceOf(RequestError);
            expect(outcome.reason).toMatchObject({ kind: 'aborted' });
            expect(steps[n]?.cancelAfter).toBeDefined();
          }
          // Nobody broke the protocol, the window among it, and nothing is left over.
          await turns(12);
          await Promise.all([host.ping(LONG_MS), plugin.ping(LONG_MS)]);
          await Promise.all([host.ping(LONG_MS), plugin.ping(LONG_MS)]);
          const nothing = { requests: 0, serving: 0, streams: 0 };
          expect([host.load, plugin.load]).toEqual([nothing, nothing]);
          await Promise.all([host.close(), plugin.close()]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
