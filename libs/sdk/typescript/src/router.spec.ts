import type { RequestContext } from './plugin-context';
import { router } from './router';

const ctx = { base: '' } as RequestContext;
const ask = (path: string, method = 'GET'): Request => new Request(`http://plugin${path}`, { method });

describe('router', () => {
  const routes = router()
    .get('/', () => new Response('root'))
    .get('/items/:id', ({ params, url }) => Response.json([params.id, url.searchParams.get('q')]))
    .put('/items/:id/parts/:part', ({ params: { id, part } }) => Response.json([id, part]))
    .get('/items/new', () => new Response('never: the one before fits as well'))
    .all('/files/*path', ({ params, request }) => new Response(`${request.method} ${params.path}`))
    .get('/příliš', () => new Response('decoded'))
    .delete('/items/:id', () => new Response(null, { status: 204 }));

  it.each([
    ['GET', '/', 'root'],
    ['HEAD', '/', ''],
    ['GET', '/items/7?q=x%20y', '["7","x y"]'],
    ['GET', '/items/a%2Fb', '["a/b",null]'],
    ['GET', '/items/new', '["new",null]'],
    ['PUT', '/items/1/parts/%C5%BE', '["1","ž"]'],
    ['PATCH', '/files/a/b%2Fc', 'PATCH a/b%2Fc'],
    ['GET', '/files/', 'GET '],
    ['GET', '/files', 'GET '],
    ['GET', '/p%C5%99%C3%ADli%C5%A1', 'decoded'],
    ['DELETE', '/items/7', ''],
  ])('[LANG-3] %s %s finds its handler with the decoded parameters', async (method, path, expected) => {
    const response = await routes.handle(ask(path, method), ctx);

    expect(response.ok).toBe(true);
    if (method !== 'HEAD') expect(await response.text()).toBe(expected);
  });

  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/items', 404],
    ['GET', '/items/', 404],
    ['GET', '/items/7/', 404],
    ['GET', '/items/__proto__/x', 404],
    ['GET', '/items/%FF', 400],
    ['POST', '/items/7', 405],
  ])('[LANG-3] %s %s answers %i', async (method, path, status) => {
    expect((await routes.handle(ask(path, method), ctx)).status).toBe(status);
  });

  it('[LANG-3] says which methods are allowed', async () => {
    const response = await routes.handle(ask('/items/7', 'POST'), ctx);

    expect(response.headers.get('allow')).toBe('GET, HEAD, DELETE');
  });

  it('[LANG-3] takes names of parameters for what they are', async () => {
    const odd = router().get('/:__proto__', ({ params }) => Response.json(Object.entries(params)));

    expect(await (await odd.handle(ask('/x'), ctx)).json()).toEqual([['__proto__', 'x']]);
  });

  it('refuses a * that is not the last segment', () => {
    expect(() => router().get('/a/*rest/b', () => new Response())).toThrow(TypeError);
  });
});
