import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { FrameError } from '../frame-error';
import { ProtocolError } from '../protocol-error';
import { FamiliarHeads } from './familiar-heads';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { bodyOf, decodeHttpRequestV2, decodeHttpResponseV2 } from './http-v2';
import { decodeMessageV2, requestIdOf, requestNumberOf } from './message-v2';
import type { KnownHttp, MessageV2 } from './message-v2';

type Kind = KnownHttp['kind'];

const HEADERS = { host: 'a', accept: '*/*', 'x-request-id': '9f0c-1' };
const REQUEST = { method: 'GET', path: '/a', base: '', headers: HEADERS, user: null, remote: '::1' };
const RESPONSE = { status: 200, headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] } };

function head(payload: unknown, request_id = '1'): string {
  return JSON.stringify({ type: 'http', request_id, payload });
}

/** What a head says, or the reason why it is refused. */
function verdict(kind: Kind, read: () => MessageV2): unknown {
  try {
    const message = read();
    const { known, type, envelope, payload } = message;
    const id = [requestIdOf(message), requestNumberOf(message)];
    const decode = () => (kind === 'request' ? decodeHttpRequestV2(payload) : decodeHttpResponseV2(payload, false));
    const place = bodyOf(payload, undefined, kind === 'request' ? 1 : 0);
    const { headers, ...rest } = known?.head ?? decode();
    return { type, envelope, id, rest, headers: [...headers], place };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.reason;
  }
}

/** Compares the reader with the strict one over a sequence of heads; gives how many were known. */
function compare(kind: Kind, texts: readonly (string | Buffer)[]): number {
  const heads = new FamiliarHeads(kind);
  let known = 0;
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const message = verdict(kind, () => {
      const read = heads.decode(bytes);
      if (read.known) known += 1;
      return read;
    });
    expect(message).toEqual(verdict(kind, () => decodeMessageV2(bytes)));
  }
  return known;
}

/** The heads of whole frames; what is wrong with frames is not of interest here. */
function headsIn(bytes: Buffer): Buffer[] {
  const decoder = new FrameDecoderV2();
  decoder.acceptTails();
  decoder.push(bytes);
  const heads: Buffer[] = [];
  try {
    for (let next = decoder.next(); next; next = decoder.next()) heads.push(next);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
  }
  return heads;
}

describe('heads like those before', () => {
  it('[PRO-6] reads the numbers of ids as the strict reader does', () => {
    const ids = ['1', '2', '10', '0', '01', '-1', '1e3', '1.0', ' 1', '12a', '/:', '9'.repeat(15), '9'.repeat(16)];
    expect(
      compare(
        'response',
        [...ids, ...ids].map((id) => head(RESPONSE, id)),
      ),
    ).toBe(2 * ids.length - 1);
  });

  it('[PRO-6] are known where only the id, the path and the x-request-id are others', () => {
    const request = (path: string, id: string) => ({ ...REQUEST, path, headers: { ...HEADERS, 'x-request-id': id } });
    const requests = [head(REQUEST), head(request('/b?c=d', '0000-2'), 'other'), head(request('', '0000-3'), '3')];
    expect(compare('request', requests)).toBe(2);
    expect(compare('response', [head(RESPONSE), head(RESPONSE, '22'), head({ ...RESPONSE, status: 404 })])).toBe(1);
  });

  it('[PRO-6] are read strictly where a name stands in two places, or the text has another form', () => {
    const twice = head(REQUEST).replace('"base":""', '"path":"/a"');
    const other = twice.replace('/a', '/b');
    expect(compare('request', [twice, other])).toBe(0);
    const outside = { ...REQUEST, more: { 'x-request-id': '9f0c-1' } };
    expect(compare('request', [head(outside), head(outside).replace('9f0c-1', '9f0c-2')])).toBe(0);
    expect(compare('request', [head(outside), head(outside, '2')])).toBe(1);
    const id = head(REQUEST).replace('"payload"', '"request_id":"1","payload"');
    expect(compare('request', [id, id.replace('1', '2')])).toBe(0);
    for (const payload of [
      { ...REQUEST, stream: 1 },
      { ...REQUEST, body: 'a' },
    ]) {
      expect(compare('request', [head(payload), head(payload, '2')])).toBe(0);
    }
    const escaped = head(REQUEST).replace('/a', '\\u0061');
    expect(compare('request', [escaped, escaped])).toBe(0);
    const wrong = head({ status: 99, headers: {} });
    expect(compare('response', [wrong, wrong])).toBe(0);
  });

  it('[PRO-6] belong to whoever reads them: nobody else sees what is done with them', () => {
    const heads = new FamiliarHeads('response');
    heads.decode(Buffer.from(head(RESPONSE)));
    const headers = heads.decode(Buffer.from(head(RESPONSE, '2'))).known?.head.headers as Map<
      string,
      string | string[]
    >;
    expect(() => headers.set('a', 'b')).toThrow(TypeError);
    expect(() => headers.delete('content-type')).toThrow(TypeError);
    expect(() => headers.clear()).toThrow(TypeError);
    expect(() => (headers.get('set-cookie') as string[]).push('c=3')).toThrow(TypeError);
  });

  it('[PRO-6] get the verdict of the strict reader, whatever is changed in them', () => {
    const text = fc.oneof(
      fc.constantFrom('', 'a', '/b', 'x-request-id', '"', '\\', 'é', '\u007f', '\n', '","path":"/c', 'x'.repeat(129)),
      fc.string({ maxLength: 8 }),
    );
    const given = (changed: fc.Arbitrary<Record<string, unknown>>, base: object) =>
      fc.tuple(changed, text).map(([change, id]) => head({ ...base, ...change }, id));
    const headers = fc
      .dictionary(fc.constantFrom('host', 'x-request-id', 'X-Request-Id', 'a"x-request-id', '1'), text, { maxKeys: 3 })
      .map((fields) => ({ ...HEADERS, ...fields }));
    const requests = given(
      fc.record(
        {
          method: fc.constantFrom('GET', 'P"', ''),
          path: text,
          headers,
          user: fc.constantFrom({ id: 'u' }, { path: '/a' }),
          more: fc.constantFrom({ 'x-request-id': '9f0c-1' }, { path: '/a' }, null),
          stream: fc.constantFrom(1, 2, null),
          body: text,
        },
        { requiredKeys: [] },
      ),
      REQUEST,
    );
    const responses = given(
      fc.record(
        { status: fc.constantFrom(200, 101, 99, '200'), headers, stream: fc.constant(2) },
        { requiredKeys: [] },
      ),
      RESPONSE,
    );
    /** Some bytes of it replaced, taken out or put in. */
    const damaged = (heads: fc.Arbitrary<string>) =>
      fc.tuple(heads, fc.nat(400), fc.nat(3), text).map(([whole, at, count, instead]) => {
        const place = at % whole.length;
        return whole.slice(0, place) + instead + whole.slice(place + count);
      });
    for (const [kind, base, heads] of [
      ['request', REQUEST, requests],
      ['response', RESPONSE, responses],
    ] as const) {
      const one = fc.oneof(fc.constant(head(base)), heads, damaged(fc.constant(head(base))), damaged(heads));
      const sequence = fc.array(one, { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(sequence, (few) => void compare(kind, [head(base), ...few, ...few, head(base, '2')])),
        { numRuns: 300 },
      );
    }
  });

  it('[PRO-6] get the verdict of the strict reader for the messages of the vectors, and for refused ones', () => {
    const folder = new URL('../../../contracts/vectors/v2/', import.meta.url);
    const framesIn = (directory: URL) =>
      readdirSync(fileURLToPath(directory))
        .filter((name) => name.endsWith('.json'))
        .map(
          (name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as { frame?: string; frames?: string },
        )
        .map(({ frame, frames }) => Buffer.from(frame ?? frames ?? '', 'hex'));
    const frames = [...framesIn(folder), ...framesIn(new URL('refused/', folder))];
    const heads = frames.flatMap(headsIn);
    expect(heads.length).toBeGreaterThan(20);
    for (const kind of ['request', 'response'] as const) compare(kind, [...heads, ...heads]);
  });
});
