/** One odd request as bytes, and what comes of it. */
export interface OddRequest {
  readonly what: string;
  readonly bytes: string;
  /** The answers on the connection, the one to a plain request behind the odd one as `next`; `closed` for none at all. */
  readonly nginx: string;
  readonly gateway: string;
  /** Why the two differ; there exactly where they do. */
  readonly why?: string;
}

const LIMIT = 100_000;
/** The longest body that both servers take, in bytes. */
export const ODD_BODY_LIMIT = LIMIT;

const HOST = 'Host: toru.test\r\nAuthorization: Bearer tsc_admin\r\n';
const target = (path: string): string => `/plugins/acme${path}`;
/** @param headers each with its CR LF */
const ask = (method: string, path: string, headers = '', body = ''): string =>
  `${method} ${target(path)} HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const get = (headers = '', path = '/x'): string => ask('GET', path, headers);
const post = (headers: string, body: string): string => ask('POST', '/x', headers, body);
const chunked = (body: string, coding = 'chunked'): string => post(`Transfer-Encoding: ${coding}\r\n`, body);
const smuggled = get('', '/smuggled');

type Row = readonly [what: string, bytes: string, nginx: string, gateway?: string, why?: string];

const rows: readonly Row[] = [
  ['an ordinary request', get(), '200 GET /x, next'],
  ['two of them at once', get() + get('', '/y'), '200 GET /x, 200 GET /y, next'],
  ['an empty line before it', `\r\n${get()}`, '200 GET /x, next'],
  ['HTTP/1.0', get().replace('1.1', '1.0'), '200 GET /x'],
  ['HTTP/1.0 that wants to stay', get('Connection: keep-alive\r\n').replace('1.1', '1.0'), '200 GET /x, next'],
  ['HTTP/1.0, an answer of unknown length', get('', '/stream').replace('1.1', '1.0'), '200 GET /stream.'],
  ['an answer of unknown length', get('', '/stream'), '200 GET /stream., next'],
  ['HTTP/0.9', 'GET /plugins/acme/x\r\n', 'closed', '400', 'An answer without a head could be taken for anything'],
  ['HTTP/1.2', get().replace('1.1', '1.2'), '200 GET /x, next', '400', 'There is no such version'],
  ['HTTP/2.0', get().replace('1.1', '2.0'), '505', '400', 'Another code for the same'],
  ['HTTP/1.1 in lower case', get().replace('HTTP', 'http'), '400'],
  [
    'the URL in absolute form',
    get().replace(' /', ' http://toru.test/'),
    '200 GET /x, next',
    '400, next',
    'Only a proxy is asked so; the host in it would compete with `Host`',
  ],
  [
    'the URL in absolute form, of another host',
    get().replace(' /', ' http://evil.example/'),
    '200 GET /x, next',
    '400, next',
    'The same: nginx forwards it under the other name',
  ],
  [
    '`OPTIONS *`',
    `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    '400',
    '400, next',
    'It is about no path; the host has read it whole, so the connection goes on',
  ],
  ['`OPTIONS`', ask('OPTIONS', '/x'), '200 OPTIONS /x, next'],
  [
    '`TRACE`',
    ask('TRACE', '/x'),
    '405',
    '200 TRACE /x, next',
    'Any method is forwarded (RTE-1); the plugin is given no cookie or token that it could send back',
  ],
  [
    '`CONNECT` to a host',
    `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`,
    '400',
    '405',
    'Another code for the same',
  ],
  ['`CONNECT` to a path', ask('CONNECT', '/x'), '405'],
  ['`PROPFIND`', ask('PROPFIND', '/x'), '200 PROPFIND /x, next'],
  [
    'a method nobody knows',
    ask('FROB', '/x'),
    '400, next',
    '400',
    'Not readable for Node, so its connection is closed',
  ],
  ['a method in lower case', ask('get', '/x'), '400'],
  ['no `Host`', get().replace('Host: toru.test\r\n', ''), '400'],
  [
    'an empty `Host`',
    get().replace('toru.test', ''),
    '400',
    '400, next',
    'Refused by both; the host has read it whole, so the connection goes on',
  ],
  ['two `Host`', get('Host: evil.example\r\n'), '400', '400, next', 'The same'],
  ['`Host` with a path', get().replace('toru.test', 'toru.test/x'), '400', '400, next', 'The same'],
  [
    '`Host` with a user',
    get().replace('toru.test', 'a@toru.test'),
    '200 GET /x, next',
    '400, next',
    'A plugin may make addresses of it',
  ],
  // lengths
  ['length and chunks', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`), '400'],
  ['chunks and length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `0\r\n\r\n${smuggled}`), '400'],
  ['two lengths that differ', post('Content-Length: 0\r\nContent-Length: 4\r\n', smuggled), '400'],
  ['two lengths that agree', post('Content-Length: 4\r\nContent-Length: 4\r\n', 'body'), '400'],
  ['a list of lengths', post('Content-Length: 4, 4\r\n', 'body'), '400'],
  ['a length with a sign', post('Content-Length: +4\r\n', 'body'), '400'],
  ['a negative length', post('Content-Length: -1\r\n', ''), '400'],
  ['a length in hexadecimal', post('Content-Length: 0x4\r\n', 'body'), '400'],
  ['an empty length', post('Content-Length:\r\n', ''), '400'],
  ['a length over 64 bits', post('Content-Length: 99999999999999999999\r\n', ''), '400'],
  ['a length with spaces around it', post('Content-Length:   4  \r\n', 'body'), '200 POST /x body, next'],
  ['a body with GET', ask('GET', '/x', 'Content-Length: 4\r\n', 'body'), '200 GET /x body, next'],
  ['a length over the limit', post(`Content-Length: ${LIMIT + 1}\r\n`, ''), '413'],
  // codings
  ['`Transfer-Encoding: Chunked`', chunked('4\r\nbody\r\n0\r\n\r\n', 'Chunked'), '200 POST /x body, next'],
  [
    '`Transfer-Encoding: xchunked`',
    chunked(`0\r\n\r\n${smuggled}`, 'xchunked'),
    '501',
    '400',
    'Another code for the same',
  ],
  ['`Transfer-Encoding: identity`', chunked(smuggled, 'identity'), '501', '400', 'Another code for the same'],
  [
    '`Transfer-Encoding: chunked, identity`',
    chunked(`0\r\n\r\n${smuggled}`, 'chunked, identity'),
    '501',
    '400',
    'Another code for the same',
  ],
  [
    '`Transfer-Encoding: gzip, chunked`',
    chunked('4\r\nbody\r\n0\r\n\r\n', 'gzip, chunked'),
    '501',
    '400',
    'Another code for the same',
  ],
  [
    '`Transfer-Encoding: chunked, chunked`',
    chunked(`0\r\n\r\n${smuggled}`, 'chunked, chunked'),
    '501',
    '400',
    'Another code for the same',
  ],
  [
    'a vertical tab in `Transfer-Encoding`',
    chunked(`0\r\n\r\n${smuggled}`, '\u000bchunked'),
    '501',
    '400',
    'Another code for the same',
  ],
  [
    'two `Transfer-Encoding`',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', `0\r\n\r\n${smuggled}`),
    '400',
  ],
  ['chunks with HTTP/1.0', chunked('4\r\nbody\r\n0\r\n\r\n').replace('1.1', '1.0'), '400'],
  // chunks
  ['chunks', chunked('2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n'), '200 POST /x body, next'],
  ['a chunk with an extension', chunked('4;a=b\r\nbody\r\n0\r\n\r\n'), '200 POST /x body, next'],
  ['a chunk size with zeros before it', chunked('0004\r\nbody\r\n0\r\n\r\n'), '200 POST /x body, next'],
  ['a chunk size with 0x', chunked('0x4\r\nbody\r\n0\r\n\r\n'), '400'],
  ['a chunk size with a space before it', chunked(' 4\r\nbody\r\n0\r\n\r\n'), '400'],
  ['a chunk size over 64 bits', chunked(`10000000000000004\r\nbody\r\n0\r\n\r\n${smuggled}`), '400'],
  ['a chunk of more than its size', chunked('2\r\nbody\r\n0\r\n\r\n'), '400'],
  [
    'chunks with bare line feeds',
    chunked('4\nbody\n0\n\n'),
    '200 POST /x body, next',
    '400',
    'Lines end with CR LF; a proxy in front that thinks otherwise would see other requests',
  ],
  ['a chunk size with a bare carriage return', chunked('4\rXbody\r\n0\r\n\r\n'), '400'],
  ['trailers', chunked('4\r\nbody\r\n0\r\nX-Odd: trailer\r\n\r\n'), '200 POST /x body, next'],
  [
    'a trailer that is a length',
    chunked('4\r\nbody\r\n0\r\nContent-Length: 9\r\n\r\n'),
    '200 POST /x body, next',
    '400',
    'It contradicts the chunks; trailers reach nobody in either case',
  ],
  // headers
  ['a space before the colon', get('X-Odd : 1\r\n'), '400'],
  ['a folded header', get('X-Odd: 1\r\n 2\r\n'), '400'],
  ['a header without a colon', get('X-Odd\r\n'), '200 GET /x x-odd=, next', '400', 'It is no header'],
  ['a header without a name', get(': 1\r\n'), '400'],
  ['a header with an underscore', get('X_Odd: 1\r\n'), '200 GET /x, next'],
  ['a header that many read as one of the host', get('X_Toru_Role: admin\r\n'), '200 GET /x, next'],
  ['a NUL in a header', get('X-Odd: a\u0000b\r\n'), '400'],
  ['a bare carriage return in a header', get('X-Odd: a\rb\r\n'), '400'],
  [
    'lines that end with bare line feeds',
    get().replaceAll('\r\n', '\n'),
    '200 GET /x, next',
    '400',
    'Lines end with CR LF; a proxy in front that thinks otherwise would see other requests',
  ],
  [
    'a bare line feed in a header',
    get('X-Odd: 1\nX-Other: 2\r\n'),
    '200 GET /x x-odd=1, next',
    '400',
    'Lines end with CR LF; a proxy in front that thinks otherwise would see other requests',
  ],
  ['more after `Connection: close`', get('Connection: close\r\n') + smuggled, '200 GET /x'],
  ['bytes over 127 in a header', get('X-Odd: \u00e9\r\n'), '200 GET /x x-odd=Ã©, next'],
  ['the same header twice', get('X-Odd: 1\r\nX-Odd: 2\r\n'), '200 GET /x x-odd=1, 2, next'],
  [
    'a header that `Connection` names',
    get('X-Odd: 1\r\nConnection: X-Odd\r\n'),
    '200 GET /x x-odd=1, next',
    '200 GET /x, next',
    'It belongs to this connection (RFC 9110 §7.6.1)',
  ],
  ['`Connection: close`', get('Connection: close\r\n'), '200 GET /x'],
  [
    'another protocol offered',
    get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    '200 GET /x, next',
  ],
  ['a header of 7 KiB', get(`X-Long: ${'v'.repeat(7 * 1024)}\r\n`), '200 GET /x, next'],
  [
    'a header of 9 KiB',
    get(`X-Long: ${'v'.repeat(9 * 1024)}\r\n`),
    '400',
    '200 GET /x, next',
    'The head may have 16 KiB; nginx takes 8 KiB a line',
  ],
  ['a path of 9 KiB', get('', `/${'p'.repeat(9 * 1024)}`), '414', '200 GET /... (9217), next', 'The same'],
  [
    '200 headers',
    get(Array.from({ length: 200 }, (_, i) => `X-${i}: 1\r\n`).join('')),
    '200 GET /x, next',
    '400, next',
    'At most 100, as a bound for what one request makes a plugin parse',
  ],
  // paths
  [
    'dot segments',
    get('', '/a/../x'),
    '200 GET /a/../x, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'dot segments out of the route',
    get('', '/../other'),
    '200 GET /../other, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'encoded dot segments',
    get('', '/%2e%2e/other'),
    '200 GET /%2e%2e/other, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'an encoded slash',
    get('', '/a%2fb'),
    '200 GET /a%2fb, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'an encoded NUL',
    get('', '/a%00'),
    '400',
    '400, next',
    'Refused by both; the host has read it whole, so the connection goes on',
  ],
  ['a bad encoding', get('', '/%zz'), '400', '400, next', 'The same'],
  [
    'two slashes',
    get('', '//x'),
    '200 GET //x, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'a backslash',
    get('', '/a\\b'),
    '200 GET /a\\b, next',
    '400, next',
    'Whoever decodes or resolves it reads another path: nginx leaves that to who is behind it, the host refuses',
  ],
  [
    'a fragment',
    get('', '/x#y'),
    '200 GET /x#y, next',
    '400, next',
    'It does not belong into a request; some servers cut it off, others do not',
  ],
  ['a space in the path', get('', '/a b'), '400'],
  [
    'bytes over 127 in the path',
    get('', '/\u00e9'),
    '400, next',
    '400',
    'Not readable for Node, so its connection is closed',
  ],
  ['a question mark and nothing', get('', '/x?'), '200 GET /x?, next'],
  // answers
  ['`HEAD`', ask('HEAD', '/file'), '200, next'],
  ['a range', get('Range: bytes=2-4\r\n', '/file'), '206 234, next'],
  ['a range behind the end', get('Range: bytes=90-99\r\n', '/file'), '416, next'],
  ['a condition that holds', get('If-None-Match: "v1"\r\n', '/file'), '304, next'],
  ['204', get('', '/empty'), '204, next'],
  [
    '`Expect: 100-continue`',
    post('Content-Length: 4\r\nExpect: 100-continue\r\n', 'body'),
    '100, 200 POST /x body, next',
  ],
  [
    '`Expect` of something else',
    post('Content-Length: 4\r\nExpect: 200-ok\r\n', 'body'),
    '200 POST /x body, next',
    '417, next',
    '417 is what RFC 9110 §10.1.1 allows; the client wants something that nobody here knows',
  ],
];

export const ODD_REQUESTS: readonly OddRequest[] = rows.map(([what, bytes, nginx, gateway = nginx, why]) => ({
  ...{ what, bytes, nginx, gateway },
  ...(why === undefined ? {} : { why }),
}));
