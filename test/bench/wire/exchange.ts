import type { RequestHead } from '@toru/protocol';

/** 1 KiB of JSON: the body of the request, and of the answer. */
export const BODY = Buffer.from(JSON.stringify({ items: text(1024 - '{"items":""}'.length) }));

/** A request as the gateway sends it for a browser. */
export const REQUEST = {
  method: 'POST',
  path: '/echo',
  base: '',
  headers: {
    host: '192.0.2.1:8080',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    accept: 'application/json, text/plain, */*',
    'accept-language': 'en-US,en;q=0.5',
    'content-type': 'application/json',
    'content-length': String(BODY.length),
    'x-forwarded-for': '192.0.2.7',
    'x-request-id': '9f0c2f4e-2f0b-4a36-8b6e-0a3a7a4f2f10',
  },
  user: { id: '5f64b3c2', name: 'admin', role: 'admin' },
  remote: '192.0.2.7',
} satisfies RequestHead;

export const RESPONSE = { status: 200, headers: { 'content-type': 'application/json' } };

function text(chars: number): string {
  return 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(chars / 45)).slice(0, chars);
}
