/*
 * Stream Node: streams in both directions with the TypeScript SDK. Build it, and it is one executable file:
 *   node scripts/build-plugin.mjs examples/stream-node/stream-node.ts -o plugins/stream-node.binary
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, router, sse, upgradeWebSocket } from '@toru/plugin-sdk';
import page from './page.bundle.js' with { type: 'text' };

const CHUNK = new Uint8Array(65_536).fill('.'.charCodeAt(0));

const routes = router()
  // An event a second, until the client leaves.
  .get('/clock', () =>
    sse(async function* (signal) {
      for (;;) {
        yield { event: 'tick', data: { time: new Date().toISOString() } };
        await sleep(1000, undefined, { signal });
      }
    }),
  )
  // As many bytes as you like, made as fast as they are taken.
  .get('/download', ({ url }) => {
    let left = Number(url.searchParams.get('bytes') ?? 1_000_000);
    if (!Number.isSafeInteger(left) || left < 0)
      return Response.json({ error: 'bytes must be a number' }, { status: 400 });
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left > 0) controller.enqueue(CHUNK.subarray(0, left));
        left -= CHUNK.length;
        if (left <= 0) controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/octet-stream' } });
  })
  // Counts and hashes what comes, and tells how far it is: one JSON object a line. A browser hears of an answer only once
  // its request is over: it asks /uploads/<name> meanwhile.
  .post('/upload', ({ request, url }) => {
    const name = url.searchParams.get('name') ?? '';
    const lines = async function* (): AsyncGenerator<Uint8Array> {
      const hash = createHash('sha256');
      let bytes = 0;
      let told = 0;
      try {
        for await (const chunk of request.body ?? []) {
          bytes += (chunk as Uint8Array).length;
          hash.update(chunk as Uint8Array);
          if (name !== '') uploads.set(name, bytes);
          if (bytes - told >= 1_048_576) yield line({ bytes: (told = bytes) });
        }
        yield line({ bytes, sha256: hash.digest('hex') });
      } finally {
        uploads.delete(name);
      }
    };
    return new Response(ReadableStream.from(lines()), { headers: { 'content-type': 'application/x-ndjson' } });
  })
  // How far an upload is, until the client leaves.
  .get('/uploads/:name', ({ params }) =>
    sse(async function* (signal) {
      for (;;) {
        const bytes = uploads.get(params.name);
        if (bytes !== undefined) yield { event: 'progress', data: { bytes } };
        await sleep(100, undefined, { signal });
      }
    }),
  )
  // A WebSocket that sends back what it gets.
  .get('/echo', ({ request }) =>
    upgradeWebSocket(request, async (socket) => {
      for await (const message of socket) await socket.send(message);
    }),
  );

/** Bytes of each upload that is under way, by the name that its client gave it. */
const uploads = new Map<string, number>();

const line = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

definePlugin({
  metadata: {
    id: 'stream-node',
    name: 'Stream Node',
    version: '1.0.0',
    icon: '🌊',
    route: '/stream-node',
    author: 'Toru Steering Center',
    description: 'A clock, downloads, uploads and a WebSocket. A start for a plugin with the TypeScript SDK.',
  },
  onInit: (ctx) => ctx.log.info('Stream Node is ready', { instance_id: ctx.instanceId }),
  http: routes,
  bundle: page,
}).run();
