import { validateHeaderName, validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import type { HttpResponseV1 } from '@toru/contracts';
import { pluginAnswer } from './plugin-answer';

type Sent = Partial<Omit<HttpResponseV1, 'headers'>> & {
  headers?: readonly (readonly [string, string | readonly string[]])[];
};

function answer(sent: Sent, method = 'GET') {
  const { headers, ...rest } = sent;
  const response = { status: 200, body: 'x', bodyWasJson: false, ...rest, headers: new Map(headers) };
  const made = pluginAnswer(response, method, 'R');
  return { ...made, headers: asMap(made.headers) };
}

function asMap(flat: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    map[name] = name in map ? `${map[name]} | ${flat[i + 1]}` : (flat[i + 1] as string);
  }
  return map;
}

const refused = expect.objectContaining({ code: 'plugin_error' }) as unknown as Error;

describe('pluginAnswer', () => {
  it("[PRO-3] carries the plugin's status, headers and body", () => {
    expect(
      answer({
        status: 201,
        headers: [
          ['Content-Type', 'text/csv'],
          ['X-A', ['1', '2']],
        ],
        body: 'a;ž',
      }),
    ).toEqual({
      status: 201,
      body: 'a;ž',
      bytes: 4,
      headers: expect.objectContaining({ 'content-type': 'text/csv', 'x-a': '1 | 2', 'content-length': '4' }) as object,
    });
  });

  it.each([
    [{ body: 'x' }, 'text/plain; charset=utf-8'],
    [{ body: '{"a":1}', bodyWasJson: true }, 'application/json'],
    [{ body: '{}', bodyWasJson: true, headers: [['content-type', 'application/geo+json']] }, 'application/geo+json'],
    [{ body: null }, undefined],
  ] as const)('[PRO-7] a body of %j is of type %s', (sent, type) => {
    expect(answer(sent).headers['content-type']).toBe(type);
  });

  it('[RTE-5] faults 23: every answer is sandboxed, typed and bound to its origin', () => {
    for (const status of [200, 204, 304, 404, 500]) {
      const { headers } = answer({ status });
      expect(headers['content-security-policy']).toMatch(/^sandbox allow-scripts allow-forms allow-popups;/);
      expect(headers['content-security-policy']).not.toContain('allow-same-origin');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': 'R',
      });
    }
  });

  it.each([
    'Set-Cookie',
    'set-cookie2',
    'Access-Control-Allow-Origin',
    'Access-Control-Anything',
    'Clear-Site-Data',
    'Service-Worker-Allowed',
    'Content-Security-Policy-Report-Only',
    'Strict-Transport-Security',
    'Report-To',
    'NEL',
    'Alt-Svc',
    'Server',
    'X-Powered-By',
    'X-Frame-Options',
    'WWW-Authenticate',
    'X-Toru-User',
    'Connection',
    'Keep-Alive',
    'Transfer-Encoding',
    'Trailer',
    'Upgrade',
    'Proxy-Authenticate',
    'X-Accel-Redirect',
    'X-Sendfile',
    'Date',
  ])('faults 19, 22: a %s of the plugin does not reach the client', (name) => {
    expect(answer({ headers: [[name, 'x']] })).toEqual(answer({}));
  });

  it.each(['Content-Security-Policy', 'X-Content-Type-Options', 'Cross-Origin-Resource-Policy', 'X-Request-Id'])(
    "faults 22: the host's %s stands",
    (name) => {
      expect(answer({ headers: [[name, 'evil']] })).toEqual(answer({}));
    },
  );

  it('[RTE-6] a proxy in front is asked not to gather events, unless the plugin says otherwise', () => {
    const buffering = (...headers: [string, string][]): string | undefined =>
      answer({ headers }).headers['x-accel-buffering'];
    expect(buffering(['content-type', 'text/event-stream'])).toBe('no');
    expect(buffering(['content-type', 'text/event-stream'], ['X-Accel-Buffering', 'yes'])).toBe('yes');
    expect(buffering(['content-type', 'text/plain'])).toBeUndefined();
  });

  it('faults 19: headers named in Connection are dropped', () => {
    expect(
      answer({
        headers: [
          ['X-Hop', '1'],
          ['Connection', ['close', 'x-hop']],
        ],
      }),
    ).toEqual(answer({}));
  });

  it.each(['5', '0', '-1', '99999999999', 'x', '1, 1'])('faults 19: a content-length of %s is recomputed', (length) => {
    expect(answer({ headers: [['Content-Length', length]], body: 'four' }).headers['content-length']).toBe('4');
  });

  it.each([
    [{ status: 204 }, 'GET', undefined],
    [{ status: 304 }, 'GET', undefined],
    [{ status: 205 }, 'GET', '0'],
    [{ status: 200, body: null }, 'GET', '0'],
    [{ status: 200, body: 'four' }, 'HEAD', '4'],
    [{ status: 200, body: null }, 'HEAD', undefined],
    [{ status: 200, body: null, headers: [['content-length', '77']] }, 'HEAD', '77'],
    [{ status: 200, body: null, headers: [['content-length', '7x']] }, 'HEAD', undefined],
    [{ status: 204, headers: [['content-length', '4']] }, 'HEAD', undefined],
  ] as const)('[PRO-3] faults 19: %j to %s has no body and a length of %s', (sent, method, length) => {
    const made = answer(sent, method);
    expect(made).toMatchObject({ body: undefined, bytes: 0 });
    expect(made.headers['content-length']).toBe(length);
  });

  it.each([100, 101, 199, 0, -200, 600, 999, 1000, 200.5, NaN, Infinity])(
    '[PRO-4] faults 19: a status of %s is a 502',
    (status) => {
      expect(() => answer({ status })).toThrow(refused);
    },
  );

  it.each([
    ['', 'x'],
    ['a b', 'x'],
    ['a\r\nb', 'x'],
    ['a:', 'x'],
    ['ž', 'x'],
    ['x-a', 'a\r\nSet-Cookie: b=c'],
    ['x-a', 'a\nb'],
    ['x-a', 'a\u0000'],
    ['x-a', 'ž'],
    ['x-a', 'é'],
    ['x-a', '\u007f'],
    ['set-cookie', 'a\r\nb'],
  ])('[PRO-4] faults 19: a header %j: %j is a 502', (name, value) => {
    expect(() => answer({ headers: [[name, value]] })).toThrow(refused);
  });

  it.each([
    [
      'two types',
      [
        ['Content-Type', 'a/b'],
        ['content-type', 'text/html'],
      ],
    ],
    ['a list of locations', [['Location', ['/a', '/b']]]],
    ['too many headers', [['x-a', Array.from({ length: 101 }, () => '1')]]],
    ['too long headers', [['x-a', 'v'.repeat(16 * 1024)]]],
  ] as const)('[PRO-4] faults 19: %s are a 502', (_, headers) => {
    expect(() => answer({ headers: [...headers] })).toThrow(refused);
  });

  it.each(['\ud800', 'a\udfffb', '\ude00\ud83d'])('[PRO-7] %j is refused, not silently damaged', (body) => {
    expect(() => answer({ body })).toThrow(refused);
    expect(answer({ body: '😀' }).bytes).toBe(4);
  });

  it('[PRO-7] an answer may be cached only as the plugin says', () => {
    expect(answer({}).headers['cache-control']).toBe('private, no-cache');
    expect(answer({ headers: [['Cache-Control', 'public, max-age=60']] }).headers['cache-control']).toBe(
      'public, max-age=60',
    );
  });

  it('faults 19: what is not refused is valid HTTP', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'B', '-', '_', ' ', ':', '\r', '\n', '\t', '\0', 'é', 'ž'),
      maxLength: 6,
    });
    const status = fc.oneof(fc.integer({ min: -1, max: 1000 }), fc.double());
    fc.assert(
      fc.property(status, fc.array(fc.tuple(text, text), { maxLength: 4 }), (code, headers) => {
        let made;
        try {
          made = pluginAnswer({ status: code, headers: new Map(headers), body: 'x', bodyWasJson: false }, 'GET', 'R');
        } catch (error) {
          expect(error).toEqual(refused);
          return;
        }
        for (let i = 0; i < made.headers.length; i += 2) {
          validateHeaderName(made.headers[i] as string);
          validateHeaderValue(made.headers[i] as string, made.headers[i + 1] as string);
        }
      }),
    );
  });
});
