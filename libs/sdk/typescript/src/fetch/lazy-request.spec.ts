import type { IncomingRequest } from '@toru/protocol';
import fc from 'fast-check';
import { LazyRequest } from './lazy-request';

function incoming(fields: Partial<IncomingRequest> = {}): IncomingRequest {
  const defaults = { method: 'POST', path: '/', base: '', headers: new Map(), user: null, remote: '', upgrade: false };
  return {
    requestId: '1',
    signal: new AbortController().signal,
    body: undefined,
    ...defaults,
    ...fields,
  } as IncomingRequest;
}

function lazy(path: string, fields: Partial<IncomingRequest> = {}): Request {
  return new LazyRequest(incoming({ path, ...fields }), path) as unknown as Request;
}

const real = (path: string, init: RequestInit = {}): Request => new Request(`http://plugin${path}`, init);
const outcome = <T>(make: () => T): T | string => {
  try {
    return make();
  } catch (error) {
    return (error as Error).name;
  }
};

describe('a request of the host', () => {
  it('[LANG-3] has the text that a Request of the standard would have, whatever the bytes', async () => {
    const bytes = fc.oneof(
      fc.string({ unit: 'binary-ascii' }).map((text) => new TextEncoder().encode(text)),
      fc.string().map((text) => new TextEncoder().encode(`\ufeff${text}`)),
      fc.uint8Array(),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const expected = await real('/', { method: 'POST', body }).text();
        expect(await lazy('/', { body }).text()).toBe(expected);
        expect(await lazy('/', { body: Buffer.from(body) }).text()).toBe(expected);
      }),
    );
  });

  it('[LANG-3] has the URL and the path that a Request of the standard would have, whatever the path', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E',
      '%',
      'a',
      '?',
      '#',
      '\\',
      ' ',
      "'",
      '"',
      '|',
      'ž',
      ':',
      '@',
    );
    const path = fc.oneof(fc.array(piece), fc.array(fc.oneof(piece, fc.string()))).map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(path, (given) => {
        const ours = outcome(() => {
          const request = lazy(given);
          return [request.url, LazyRequest.pathnameOf(request)];
        });
        expect(ours).toEqual(
          outcome(() => {
            const { url } = real(given);
            return [url, new URL(url).pathname];
          }),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['GET', 'get', 'Post', 'PATCH', 'patch', 'PROPFIND', 'TRACE', 'connect', 'a b', ''])(
    '[LANG-3] has the method that a Request of the standard would have: %j',
    (method) => {
      expect(outcome(() => lazy('/', { method }).method)).toBe(outcome(() => real('/', { method }).method));
    },
  );

  it('[LANG-3] is a Request to everybody, also to those that make something of it', async () => {
    const body = Buffer.from('žluť');
    const request = lazy('/a', { body, headers: new Map([['content-type', 'text/x']]) });

    expect(request).toBeInstanceOf(Request);
    expect(Object.prototype.toString.call(request)).toBe('[object Request]');
    expect([request.mode, request.redirect, request.bodyUsed]).toEqual(['cors', 'follow', false]);
    expect(request.headers).toBe(request.headers);
    const [copy, made] = [request.clone(), new Request(request.clone(), { headers: { 'x-a': '1' } })];
    expect(await Promise.all([copy.text(), made.text(), request.text()])).toEqual(['žluť', 'žluť', 'žluť']);
    expect([copy.headers.get('content-type'), made.headers.get('x-a'), request.bodyUsed]).toEqual([
      'text/x',
      '1',
      true,
    ]);
  });

  it.each([
    ['text', 'ž'],
    ['json', 5],
    ['arrayBuffer', Uint8Array.of(1, 2).buffer],
    ['bytes', Uint8Array.of(1, 2)],
  ] as const)('[LANG-3] gives its body as %s once', async (name, expected) => {
    const bytes = { text: Buffer.from('\ufeffž'), json: Buffer.from('5') }[name as string] ?? Buffer.of(1, 2);
    const request = lazy('/', { body: bytes }) as unknown as Record<string, () => Promise<unknown>>;

    expect(await request[name]!()).toEqual(expected);
    expect((request as unknown as Request).bodyUsed).toBe(true);
    await expect(request[name]!()).rejects.toMatchObject({ name: 'TypeError' });
    expect(outcome(() => (request as unknown as Request).clone())).toBe('TypeError');
    expect((request as unknown as Request).body?.locked === false && request.bodyUsed).toBe(true);
  });

  it('[LANG-3] gives bytes that are its own, and a blob of its type', async () => {
    const body = Buffer.from('abc');
    const bytes = await lazy('/', { body }).arrayBuffer();
    new Uint8Array(bytes).fill(0);
    const blob = await lazy('/', { body, headers: new Map([['content-type', 'text/x']]) }).blob();

    expect(body.toString()).toBe('abc');
    expect([blob.type, await blob.text()]).toEqual(['text/x', 'abc']);
  });

  it('[LANG-3] without a body is empty as often as it is read', async () => {
    const request = lazy('/', { method: 'GET', body: Buffer.from('ignored') });

    expect([request.body, await request.text(), await request.text(), request.bodyUsed]).toEqual([null, '', '', false]);
  });
});
