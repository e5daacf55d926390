import { setTimeout as delay } from 'node:timers/promises';
import { definePlugin, json, router, upgradeWebSocket } from '@toru/plugin-sdk';
import { ANSWER } from './answer';

const CHUNK = new Uint8Array(65_536).fill('.'.charCodeAt(0));

const routes = router()
  .get('/json', () => json(ANSWER))
  .get('/slow', async () => {
    await delay(10);
    return json(ANSWER);
  })
  .post('/upload', async ({ request }) => {
    let bytes = 0;
    for await (const chunk of request.body ?? []) bytes += (chunk as Uint8Array).length;
    return json({ bytes });
  })
  .get('/download', ({ url }) => {
    const bytes = Number(url.searchParams.get('bytes'));
    let left = bytes;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      if (left > 0) controller.enqueue(CHUNK.subarray(0, left));
      left -= CHUNK.length;
      if (left <= 0) controller.close();
    };
    return new Response(new ReadableStream({ pull }), { headers: { 'content-length': String(bytes) } });
  })
  .get('/echo', ({ request }) =>
    upgradeWebSocket(request, async (socket) => {
      for await (const message of socket) await socket.send(message);
    }),
  );

definePlugin({
  metadata: { id: 'bench', name: 'Bench', version: '1.0.0', icon: 'B', route: '/bench' },
  http: routes,
}).run();
