import fc from 'fast-check';
import { decodeHttpResponse, encodeHttpRequest } from './http-v1';
import { decodeKvAnswer, decodeKvRequest, encodeKvAnswer, isKvRequest } from './kv-v1';
import { decodeMessage } from './messages-v1';
import { ProtocolError } from './protocol-error';

const AT = '2026-01-15T12:00:00Z';
const receive = (payload: unknown, type = 'http') =>
  decodeMessage(Buffer.from(JSON.stringify({ type, request_id: 'r', payload })));
const receiveText = (payload: string) =>
  decodeMessage(Buffer.from(`{"type":"http","request_id":"r","payload":${payload}}`));
const respond = (payload: unknown) => decodeHttpResponse(receive(payload));
function refused(reason: string): Error {
  const expected: unknown = expect.objectContaining({ name: 'ProtocolError', reason });
  return expected as Error;
}

describe('decodeHttpResponse', () => {
  it.each([199, 600, 0, -200, 200.5, 1e300, '200', true, [200], {}])('[PRO-8] refuses the status %j', (status) => {
    expect(() => respond({ status })).toThrow(refused('invalid_status'));
  });

  it.each([200, 204, 304, 404, 599])('[PRO-3] takes the status %p, with headers and body absent', (status) => {
    expect(respond({ status })).toEqual({ status, headers: new Map(), body: null, bodyWasJson: false });
  });

  it('[PRO-3] takes header values as text, number, boolean and lists, and joins names that differ in case', () => {
    const headers = {
      'X-N': 5,
      'x-b': true,
      'x-null': null,
      'x-none': [],
      'x-é': undefined,
      'Set-Cookie': ['a=1'],
      'set-cookie': 'b=2',
      'x-latin': 'é\t',
    };
    expect([...respond({ status: 200, headers }).headers]).toEqual([
      ['x-n', '5'],
      ['x-b', 'true'],
      ['set-cookie', ['a=1', 'b=2']],
      ['x-latin', 'é\t'],
    ]);
  });

  it.each([
    ['a list of headers', ['a']],
    ['text for headers', 'a: b'],
    ['an empty name', { '': 'x' }],
    ['a space in a name', { 'a b': 'x' }],
    ['a line break in a name', { 'a\r\nb': 'x' }],
    ['a name that is not ASCII', { ž: 'x' }],
    ['CR LF in a value', { a: 'x\r\nset-cookie: y' }],
    ['LF in a list', { a: ['x', 'y\nz'] }],
    ['NUL in a value', { a: 'x\0' }],
    ['DEL in a value', { a: '\x7f' }],
    ['a value beyond Latin-1', { a: 'ž' }],
    ['an object as a value', { a: {} }],
    ['null in a list', { a: [null] }],
    ['a number that is not exact', { a: 1e300 }],
  ])('[PRO-8] refuses %s', (_name, headers) => {
    expect(() => respond({ status: 200, headers })).toThrow(refused('invalid_header'));
  });

  it('[PRO-8] bounds the headers', () => {
    const headers = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x-${i}`, 'v'.repeat(100)]));
    expect(() => respond({ status: 200, headers })).toThrow(refused('headers_too_large'));
  });

  it('[PRO-8] takes a header with a prototype name for a header', () => {
    const message = receiveText('{"status":200,"headers":{"__proto__":"a","constructor":"b"}}');
    expect([...decodeHttpResponse(message).headers]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('[PRO-7] passes a JSON body on as its text, digit by digit, in each of the forms', () => {
    const answer = '{"status":200,"body":{"id":12345678901234567890,"l":[1.0]}}';
    const inBody = `{"payload":{"method":"X","body":${JSON.stringify(answer)}}}`;
    for (const payload of [answer, `{"payload":${answer}}`, inBody]) {
      expect(decodeHttpResponse(receiveText(payload))).toMatchObject({
        body: '{"id":12345678901234567890,"l":[1.0]}',
        bodyWasJson: true,
      });
    }
    expect(respond({ status: 200, body: false })).toMatchObject({ body: 'false', bodyWasJson: true });
  });

  it('[PRO-7] refuses a body with half a surrogate pair, both ways', () => {
    expect(() => decodeHttpResponse(receiveText('{"status":200,"body":"a\\ud800"}'))).toThrow(refused('body_not_text'));
    const request = { method: 'POST', path: '/', headers: {}, body: '\udc00' };
    expect(() => encodeHttpRequest('r', request, AT)).toThrow(refused('body_not_text'));
  });

  it('[PRO-3] sends headers from a map as from a record, whatever their names', () => {
    const headers = new Map([
      ['__proto__', 'a'],
      ['accept', 'b'],
    ]);
    const message = encodeHttpRequest('r', { method: 'GET', path: '/', headers, body: null }, AT);
    expect(JSON.stringify(message)).toContain('"headers":{"__proto__":"a","accept":"b"}');
  });
});

describe('decodeMessage', () => {
  it.each([
    ['no type', '{"payload":{}}', 'invalid_envelope'],
    ['a type that is no text', '{"type":1}', 'invalid_envelope'],
    ['an empty id', '{"type":"http","request_id":""}', 'invalid_request_id'],
    ['an endless id', `{"type":"http","request_id":"${'x'.repeat(129)}"}`, 'invalid_request_id'],
    ['two ids', '{"type":"http","request_id":"a","payload":{"request_id":"b"}}', 'request_id_mismatch'],
  ])('[PRO-8] refuses %s', (_name, text, reason) => {
    expect(() => decodeMessage(Buffer.from(text))).toThrow(refused(reason));
  });
});

describe('kv messages', () => {
  const ask = (payload: unknown) => decodeKvRequest(receive(payload, 'kv'));

  it('[KV-1] carries a value that is no string as its JSON text', () => {
    for (const value of [1, true, null, [1], { a: 'ž' }]) {
      expect(ask({ action: 'sEt', key: 'k', value })).toEqual({
        action: 'set',
        key: 'k',
        value: JSON.stringify(value),
      });
    }
    expect(ask({ action: 'get', key: '', value: 'ignored' })).toEqual({ action: 'get', key: '' });
  });

  it.each([
    {},
    { action: 'list', key: 'k' },
    { action: 'get' },
    { action: 'get', key: 1 },
    { action: 'set', key: 'k' },
    { action: ['get'], key: 'k' },
  ])('[PRO-8] refuses the request %j', (payload) => expect(() => ask(payload)).toThrow(refused('invalid_kv_request')));

  it('[KV-8] reads the error of an answer, and refuses one without a value', () => {
    const read = (payload: unknown) => decodeKvAnswer(receive(payload, 'kv'));
    expect(read({ value: null, error: { code: 'full', message: 'no room' } })).toEqual({
      value: null,
      error: { code: 'full', message: 'no room' },
    });
    expect(read({ payload: { value: [1] } })).toEqual({ value: '[1]' });
    expect(() => read({})).toThrow(refused('invalid_kv_answer'));
    expect(isKvRequest(receive({ value: '1' }, 'kv'))).toBe(false);
  });

  it('[KV-2] answers with the value, or with an error beside null', () => {
    const tags = { type: 'kv', request_id: 'r' };
    const envelope = { type: 'kv', timestamp: AT, request_id: 'r' };
    expect(encodeKvAnswer('r', { value: '1' }, AT)).toStrictEqual({ ...envelope, payload: { ...tags, value: '1' } });
    const error = { code: 'c', message: 'm' };
    expect(encodeKvAnswer('r', { value: '1', error }, AT)).toStrictEqual({
      ...envelope,
      payload: { ...tags, value: null, error },
    });
  });
});

describe('all decoders', () => {
  it('[PRO-8] throw nothing but ProtocolError, whatever the message', () => {
    const names = [
      'type',
      'request_id',
      'payload',
      'status',
      'headers',
      'body',
      'action',
      'key',
      'value',
      'error',
      '__proto__',
    ];
    const leaf = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('http', 'kv', 'r', 'get', 'SET', 200, null, '{"status":200}', '{"value":{}}', '\ud800'),
    );
    const { message } = fc.letrec((tie) => ({
      message: fc.dictionary(fc.constantFrom(...names), fc.oneof({ maxDepth: 3 }, leaf, tie('message')), {
        maxKeys: 6,
      }),
    }));
    fc.assert(
      fc.property(message, (given) => {
        for (const decode of [decodeHttpResponse, decodeKvRequest, decodeKvAnswer]) {
          try {
            decode(decodeMessage(Buffer.from(JSON.stringify({ type: 'kv', ...(given as object) }))));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
