import type { IncomingHttpHeaders } from 'node:http';
import { csrfVerdict } from './csrf';

const COOKIE = `toru_session=${'a'.repeat(43)}`;
const TOKEN = `Bearer tsc_${'b'.repeat(43)}`;
const HOST = '127.0.0.1:3000';
const OWN = `http://${HOST}`;
const FORM = 'application/x-www-form-urlencoded';

type Case = [name: string, headers: IncomingHttpHeaders, publicUrl?: string];

const judge = (headers: IncomingHttpHeaders, publicUrl?: string, method = 'POST') =>
  csrfVerdict(method, { host: HOST, cookie: COOKIE, ...headers }, { publicUrl }).allowed;

describe('csrfVerdict', () => {
  it.each<Case>([
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: OWN }],
    [
      'our own page behind a proxy that changes Host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://toru.example' },
    ],
    ['an address that was typed in', { 'sec-fetch-site': 'none' }],
    ['an Origin that is the Host', { origin: OWN }],
    ['an Origin with a name in capitals', { origin: 'http://TORU.example', host: 'toru.EXAMPLE' }],
    ['a default port that is written out', { origin: 'https://toru.example', host: 'toru.example:443' }],
    ['https in front of http', { origin: 'https://toru.example', host: 'toru.example' }],
    ['the public address', { origin: 'https://toru.example' }, 'https://toru.example'],
    ['the public address with a slash', { origin: 'https://toru.example:8443' }, 'https://toru.example:8443/'],
    ['a client that shows a header no form can send', { 'x-requested-with': 'XMLHttpRequest' }],
    ['a client that sends JSON', { 'content-type': 'application/json; charset=utf-8' }],
    ['an API token', { authorization: TOKEN, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['no credential at all', { cookie: undefined, origin: 'https://evil.example' }],
    ['a cookie of somebody else', { cookie: 'theme=dark', origin: 'https://evil.example' }],
  ])('allows %s', (...[, headers, publicUrl]) => {
    expect(judge(headers, publicUrl)).toBe(true);
  });

  it.each<Case>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another site that sets Origin alone', { origin: 'https://evil.example' }],
    ['a sibling under the same domain', { 'sec-fetch-site': 'same-site', origin: 'https://other.toru.example' }],
    ['another site with a header of scripts', { 'sec-fetch-site': 'cross-site', 'x-requested-with': 'XMLHttpRequest' }],
    ['another site that sends JSON', { origin: 'https://evil.example', 'content-type': 'application/json' }],
    ['a made-up Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['an opaque origin', { origin: 'null' }],
    ['an opaque origin of our own page', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['an opaque origin with a header of scripts', { origin: 'null', 'x-requested-with': 'XMLHttpRequest' }],
    ['another port', { origin: 'http://127.0.0.1:3001' }],
    ['another name for the same machine', { origin: 'http://localhost:3000' }],
    ['a name that begins with ours', { origin: `http://${HOST}.evil.example` }],
    ['our name as a user', { origin: `http://${HOST}@evil.example` }],
    ['a name that ends with ours', { origin: 'https://eviltoru.example' }, 'https://toru.example'],
    ['the public name under another scheme', { origin: 'http://toru.example' }, 'https://toru.example'],
    ['an Origin that is no origin', { origin: `${OWN}/path` }],
    ['an empty Origin', { origin: '' }],
    ['an Origin of an extension', { origin: 'chrome-extension://abcdef' }],
    ['an Origin without a Host', { origin: OWN, host: undefined }],
    ['a form that says nothing of its origin', { 'content-type': FORM }],
    ['text/plain that says nothing of its origin', { 'content-type': 'text/plain' }],
    ['text/plain that looks like JSON', { 'content-type': 'text/plain; application/json' }],
    ['multipart that says nothing of its origin', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['nothing at all', {}],
    ['a login of a proxy beside the cookie', { authorization: 'Basic eDp5', origin: 'https://evil.example' }],
  ])('[faults 27] refuses %s, with a reason', (...[, headers, publicUrl]) => {
    expect(judge(headers, publicUrl)).toBe(false);
    const verdict = csrfVerdict('POST', { host: HOST, cookie: COOKIE, ...headers }, { publicUrl });
    expect(verdict).toEqual({
      allowed: false,
      reason: expect.stringMatching(/^The request was refused because .+\.$/),
    });
  });

  it.each([['PUT'], ['PATCH'], ['DELETE'], ['post'], ['PROPFIND'], ['CONNECT']])('judges %s like POST', (method) => {
    expect(judge({ origin: 'https://evil.example' }, undefined, method)).toBe(false);
  });

  it.each([['GET'], ['HEAD'], ['OPTIONS']])('lets %s through, which changes nothing', (method) => {
    expect(judge({ origin: 'https://evil.example' }, undefined, method)).toBe(true);
  });

  it.each<[string, IncomingHttpHeaders, boolean]>([
    ['our own page', { cookie: COOKIE, origin: OWN }, true],
    ['another site', { cookie: COOKIE, origin: 'https://evil.example' }, false],
    ['a client that says nothing', { cookie: COOKIE }, false],
    ['another site without the cookie', { origin: 'https://evil.example' }, true],
    ['a token', { authorization: TOKEN, origin: 'https://evil.example' }, true],
  ])('[faults 27] judges a WebSocket handshake, a GET, like POST: %s', (_, headers, allowed) => {
    expect(csrfVerdict('GET', { host: HOST, ...headers }, { handshake: true }).allowed).toBe(allowed);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }, false],
    ['a form', { 'content-type': FORM }, false],
    ['our own page', { origin: OWN }, true],
    ['a script that sends JSON', { 'content-type': 'application/json' }, true],
  ])('[faults 27] judges sign-in without a cookie as well: %s', (_, headers, allowed) => {
    expect(csrfVerdict('POST', { host: HOST, ...headers }, { always: true }).allowed).toBe(allowed);
  });
});
