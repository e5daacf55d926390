import { MAX_REQUEST_ID_CHARS_V2 } from '@toru/contracts';
import fc from 'fast-check';
import { HeadWriter } from './head-writer';
import type { HeadersInput } from './http-v2';

const textOf = (head: Uint8Array): string => Buffer.from(head).toString();

const text = fc.oneof(fc.constantFrom('', 'a', 'b', '"', '\\', 'é', '\n', '\u007f', '\ud800', '{},:'), fc.string());
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'x-request-id', 'my-x-request-id', '__proto__', 'toJSON', '1', '10'),
  text,
);
const headers = fc
  .array(fc.tuple(name, fc.oneof({ weight: 6, arbitrary: text }, fc.array(text, { maxLength: 2 }))), { maxLength: 5 })
  .map((fields) => Object.fromEntries(fields));
const requestId = fc.oneof(
  fc.constantFrom('', '1', '2', '10', 'é', '"', 'x'.repeat(MAX_REQUEST_ID_CHARS_V2)),
  fc.constantFrom(1, 2, 9, 10, 99, 100, 1_234_567, 2 ** 31, 2 ** 53 - 1),
  text,
);
const stream = fc.constantFrom(undefined, 1, 2 ** 53 - 1);
const user = fc.option(fc.record({ id: text, name: text, role: text }));
const request = fc.record({ method: text, path: text, base: text, headers, user, remote: text });

describe('the writer of heads', () => {
  it('[PRO-6] writes what JSON.stringify does, whatever it wrote before', () => {
    const type = fc.constantFrom('http' as const, 'upgrade' as const);
    const heads = fc.array(fc.tuple(type, requestId, request, stream, fc.integer({ min: 200, max: 599 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(heads, (all) => {
        const writer = new HeadWriter();
        for (const [kind, given, head, id, status] of [...all, ...all]) {
          const request_id = String(given);
          const { method, path, base, headers: fields, user: who, remote } = head;
          const user = who && { id: who.id, name: who.name, role: who.role };
          const asked = { method, path, base, headers: fields, user, remote, stream: id };
          const asking = textOf(writer.request(kind, given, head, id));
          expect(asking).toBe(JSON.stringify({ type: kind, request_id, payload: asked }));
          const answered = { status, headers: fields, stream: id };
          const answer = JSON.stringify({ type: 'http', request_id, payload: answered });
          expect(textOf(writer.response(given, status, fields, id))).toBe(answer);
          const map = new Map(Object.entries(fields));
          expect(textOf(writer.response(given, status, map, id))).toBe(answer);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[PRO-6] writes the fields that are other ones, and forgets those that are not there any more', () => {
    const writer = new HeadWriter();
    const texts: HeadersInput[] = [
      { a: '1', b: '2' },
      { a: '1', b: '3' },
      { a: '1' },
      {},
      { a: ['1'] },
      { b: '1' },
      { a: '1', b: '2' },
      { a: '1', 'x-request-id': 'one' },
      { a: '1', 'x-request-id': 'two' },
      { a: '2', 'x-request-id': 'six' },
      { a: '2', 'x-request-id': 'ten' },
      { a: '2', 'x-request-id': '"é"' },
      { a: '2', 'x-request-id': 'six' },
      { a: '"x-request-id":"abc"', 'x-request-id': 'six' },
      { a: '"x-request-id":"abc"', 'x-request-id': 'ten' },
      { 'my"x-request-id': 'abc', 'x-request-id': 'ten' },
      { 'my"x-request-id': 'abc', 'x-request-id': 'six' },
      { a: 'é', 'x-request-id': 'six' },
      { a: 'é', 'x-request-id': 'ten' },
      { a: ['1'], 'x-request-id': 'ten' },
      {},
      {},
    ];
    for (const fields of texts) {
      const expected = JSON.stringify({ type: 'http', request_id: '1', payload: { status: 200, headers: fields } });
      expect(textOf(writer.response('1', 200, fields, undefined))).toBe(expected);
    }
  });
});
