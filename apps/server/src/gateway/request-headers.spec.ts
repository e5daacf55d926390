import fc from 'fast-check';
import { requestHeaders, type RequestFacts } from './request-headers';

const facts: RequestFacts = {
  caller: { id: 'u1', name: 'ada', role: 'viewer' },
  requestId: '0af76519-16cd-43dd-8448-eb211c80319c',
  client: { address: '192.0.2.7', forwardedFor: '192.0.2.7', protocol: 'http', host: undefined },
  prefix: '/plugins',
  bodyBytes: undefined,
};
const HOST_MADE = {
  host: 'toru.example:3000',
  'x-forwarded-host': 'toru.example:3000',
  'x-forwarded-proto': 'http',
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-prefix': '/plugins',
  'x-request-id': '0af76519-16cd-43dd-8448-eb211c80319c',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-8448eb211c80319c-01',
  'x-toru-user': 'ada',
  'x-toru-user-id': 'u1',
  'x-toru-role': 'viewer',
};

/** The headers that a plugin is given for these, without those that the host always makes. */
function forwarded(raw: readonly string[], more: Partial<RequestFacts> = {}): Record<string, string> {
  return { ...requestHeaders(['Host', 'toru.example:3000', ...raw], { ...facts, ...more }) };
}

describe('requestHeaders', () => {
  it('[PRO-3] forwards what the client sent, in lower case, beside what the host knows', () => {
    expect(forwarded(['Accept', '*/*', 'X-Api-Key', 'k', 'Content-Type', 'text/plain'])).toEqual({
      ...HOST_MADE,
      accept: '*/*',
      'x-api-key': 'k',
      'content-type': 'text/plain',
    });
  });

  it.each([
    'Cookie',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authorization',
    'Proxy-Connection',
    'HTTP2-Settings',
    'Expect',
    'Content-Length',
    'Accept-Encoding',
    'Forwarded',
    'X-Real-IP',
    'X-Original-URL',
    'X-Rewrite-Url',
    'X-Remote-User',
    'X-Toru-Anything',
    'x_toru_anything',
    'X-Toru_Anything',
    'x.toru.anything',
    'X-Forwarded-Port',
    'x_forwarded_port',
    'x_real_ip',
    'transfer_encoding',
    'content_length',
  ])('[RTE-5] faults 19, 22: %s does not reach the plugin', (name) => {
    expect(forwarded([name, 'x'])).toEqual(HOST_MADE);
  });

  it.each(Object.keys(HOST_MADE).filter((name) => name !== 'host'))(
    '[RTE-5] faults 22: a %s of the client is overwritten, in every spelling',
    (name) => {
      const spoofed = [name, name.toUpperCase(), name.replaceAll('-', '_')].flatMap((spelling) => [spelling, 'evil']);
      expect(forwarded(spoofed)).toEqual(HOST_MADE);
    },
  );

  it('[RTE-5] faults 19: naming a header of the host in Connection does not take it away', () => {
    expect(forwarded(['Connection', 'x-toru-user, X-Forwarded-For, host, close', 'X-Mine', '1'])).toEqual({
      ...HOST_MADE,
      'x-mine': '1',
    });
  });

  it('[PRO-3] faults 19: headers named in Connection are dropped, wherever they stand', () => {
    expect(
      forwarded(['X-Hop', '1', 'Connection', 'keep-alive, X-Hop', 'CONNECTION', 'x-hop-2', 'X-Hop-2', '2']),
    ).toEqual(HOST_MADE);
  });

  it('[RTE-5] without a caller there are no identity headers, whatever the client sent', () => {
    const headers = forwarded(['X-Toru-User', 'root', 'X-Toru-Role', 'admin'], { caller: undefined });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-toru'))).toEqual([]);
  });

  it.each([
    'Bearer tsc_abc',
    'bearer TSC_abc',
    'BEARER   tsc_abc',
    'Bearer\ttsc_x',
    'Token tsc_abc',
    'tsc_abc',
    'Token token="tsc_abc"',
  ])("[RTE-5] the host's token never reaches a plugin: %j", (value) => {
    expect(forwarded(['Authorization', value])).toEqual(HOST_MADE);
  });

  it.each(['Bearer eyJhbGciOi', 'Bearer eyJtsc_aGci.tsc_x', 'Basic dXNlcjpwYXNz'])(
    "[RTE-5] an authorization of the plugin's own passes: %j",
    (value) => {
      expect(forwarded(['Authorization', value])).toMatchObject({ authorization: value });
    },
  );

  it('[PRO-3] joins repeated headers, except those that can have one value only', () => {
    expect(forwarded(['X-A', '1', 'x-a', '2', 'Content-Type', 'a/b', 'Content-Type', 'c/d'])).toMatchObject({
      'x-a': '1, 2',
      'content-type': 'a/b',
    });
  });

  it.each<readonly [string, readonly string[]]>([
    ['two hosts', ['Host', 'a', 'Host', 'b']],
    ['two authorizations', ['Host', 'a', 'Authorization', 'Basic x', 'authorization', 'Basic y']],
    ['too many headers', Array.from({ length: 202 }, (_, i) => `h${i}`)],
    ['too long headers', ['Host', 'a', 'X-Long', 'v'.repeat(16 * 1024)]],
    ...['', ' ', 'a b', 'a/b', 'a@b', 'a,b', 'evil.example\\', 'a:b', 'a:123456', '[::1', '-a', 'ž'].map(
      (host) => [`host ${JSON.stringify(host)}`, ['Host', host]] as const,
    ),
  ])('[RTE-5] faults 22: refuses %s', (_, raw) => {
    expect(() => requestHeaders(raw, facts)).toThrow(expect.objectContaining({ code: 'malformed_request' }));
  });

  it.each(['localhost', '127.0.0.1:3000', '[::1]:3000', 'my_host.example', 'EXAMPLE.com'])(
    'takes the host %s',
    (host) => {
      expect(requestHeaders(['Host', host], facts)['x-forwarded-host']).toBe(host);
    },
  );

  it('[RTE-5] faults 22: a configured origin overrules the Host that the client sent', () => {
    const headers = requestHeaders(['Host', 'evil.example'], {
      ...facts,
      client: { ...facts.client, protocol: 'https', host: 'toru.example' },
    });
    expect(headers).toMatchObject({
      host: 'toru.example',
      'x-forwarded-host': 'toru.example',
      'x-forwarded-proto': 'https',
    });
  });

  it('[PRO-7] tells the length of a body, whichever way it came', () => {
    expect(forwarded([], { bodyBytes: 12 })).toMatchObject({ 'content-length': '12' });
  });

  it('[RTE-5] a user name that no header can carry is percent-encoded', () => {
    const caller = { id: 'u', name: 'Žofie 100%\r\n', role: 'admin' } as const;
    expect(forwarded([], { caller })['x-toru-user']).toBe('%C5%BDofie%20100%25%0D%0A');
  });

  it('[RTE-5] a valid trace context goes on, with its state', () => {
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', tracestate: 'a=b' };
    expect(forwarded(Object.entries(trace).flat())).toMatchObject(trace);
  });

  it.each([
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
    'evil',
  ])('[RTE-5] a new trace begins instead of %s', (traceparent) => {
    expect(forwarded(['TraceParent', traceparent, 'tracestate', 'a=b'])).toEqual(HOST_MADE);
  });

  it('[RTE-6] a handshake is one for the plugin as well', () => {
    expect(forwarded(['Connection', 'x-own, Upgrade', 'X-Own', 'x'], { handshake: true })).toEqual({
      ...HOST_MADE,
      connection: 'Upgrade',
      upgrade: 'websocket',
    });
  });

  it('faults 8: prototype names are plain headers', () => {
    const headers = requestHeaders(['__proto__', 'a', 'constructor', 'b', 'Host', 'h'], facts);
    expect(Object.entries(headers)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    );
    for (const name of ['toString', 'hasOwnProperty', '__defineGetter__']) expect(name in headers).toBe(false);
    expect(JSON.parse(JSON.stringify(headers))).toHaveProperty('constructor', 'b');
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('[RTE-5] faults 22: whatever a client sends, what the host says stands', () => {
    const name = fc.stringMatching(/^[xX][-_.][tTfFrR][a-zA-Z_.-]{0,16}$/);
    const known = fc.constantFrom('X-Toru-Role', 'x_toru_role', 'Connection', 'X-Request-ID', 'Cookie', 'cookie');
    const header = fc.tuple(fc.oneof(name, known), fc.constantFrom('admin', 'x-toru-role', 'x-request-id', 'close'));
    fc.assert(
      fc.property(fc.array(header, { maxLength: 20 }), (list) => {
        const headers = forwarded(list.flat());
        expect(headers).toMatchObject(HOST_MADE);
        expect(headers).not.toHaveProperty('cookie');
        const identity = Object.keys(headers).filter((key) => key.replace(/[^a-z0-9]/g, '-').startsWith('x-toru'));
        expect(identity).toHaveLength(3);
      }),
    );
  });
});
