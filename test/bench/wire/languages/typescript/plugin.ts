import { definePlugin, json, router, text } from '@toru/plugin-sdk';

const CHUNK = new Uint8Array(65_536).fill('.'.charCodeAt(0));

const routes = router()
  .post('/echo', async ({ request }) => text(await request.text(), { headers: { 'content-type': 'application/json' } }))
  .post('/upload', async ({ request }) => {
    let bytes = 0;
    for await (const chunk of request.body ?? []) bytes += (chunk as Uint8Array).length;
    return json({ bytes });
  })
  .get('/download', ({ url }) => {
    let left = Number(url.searchParams.get('bytes'));
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      if (left > 0) controller.enqueue(CHUNK.subarray(0, left));
      left -= CHUNK.length;
      if (left <= 0) controller.close();
    };
    return new Response(new ReadableStream({ pull }));
  });

definePlugin({
  metadata: { id: 'bench', name: 'Bench', version: '1.0.0', icon: 'B', route: '/bench' },
  http: routes,
}).run();
