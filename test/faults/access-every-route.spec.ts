import { randomBytes, randomUUID } from 'node:crypto';
import type { ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { addToken, addUser, PASSWORD } from '../support/users';
import { untilRead } from '../support/until-read';

const CALLERS = [
  ...(['nobody', 'wrong cookie', 'wrong token', 'expired token', 'revoked token'] as const),
  ...(['viewer token', 'viewer session', 'admin token', 'admin session', 'pending admin session'] as const),
];
type Caller = (typeof CALLERS)[number];
type Kind = 'public' | 'signed-in' | 'admin';

/** One request of the table, and what a caller who is let in gets: the status, and the code of a problem. */
interface Sample {
  readonly path?: string;
  readonly body?: unknown;
  readonly admitted: string;
  /** What an admitted API token gets, where that differs: it has neither a session nor a password. */
  readonly token?: string;
}

const UNKNOWN_ID = randomUUID();
const FORBIDDEN = '403 forbidden';

/** Every operation of the live document, each with a request that changes nothing for the rows after it. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  'GET /health/live': { admitted: '200' },
  'GET /health/ready': { admitted: '200' },
  'GET /api/instance': { admitted: '200' },
  'GET /api/events': { admitted: '200' },
  // one that is let in and opens no stream, which would not end
  'GET /api/events/stream': { path: '/api/events/stream?last_event_id=x', admitted: '400 validation_failed' },
  'GET /metrics': { admitted: '200' },
  'GET /api/logs/supervisor': { admitted: '200' },
  'GET /api/auth/me': { admitted: '200' },
  'GET /api/auth/tokens': { admitted: '200' },
  'POST /api/auth/tokens': { body: {}, admitted: '400 validation_failed' },
  'DELETE /api/auth/tokens/{id}': { path: `/api/auth/tokens/${UNKNOWN_ID}`, admitted: '404 not_found' },
  'GET /api/users': { admitted: '200' },
  'POST /api/users': { body: {}, admitted: '400 validation_failed' },
  'PATCH /api/users/{id}': { path: `/api/users/${UNKNOWN_ID}`, body: { role: 'viewer' }, admitted: '404 not_found' },
  'DELETE /api/users/{id}': { path: `/api/users/${UNKNOWN_ID}`, admitted: '404 not_found' },
  'GET /api/plugins': { admitted: '200' },
  'POST /api/plugins/rescan': { admitted: '200' },
  'GET /api/plugins/{id}': { path: '/api/plugins/echo', admitted: '200' },
  'POST /api/plugins/{id}/enable': { path: '/api/plugins/echo/enable', admitted: '200' },
  'POST /api/plugins/{id}/disable': { path: '/api/plugins/off/disable', admitted: '200' },
  'POST /api/plugins/{id}/restart': { path: '/api/plugins/off/restart', admitted: '409 conflict' },
  'POST /api/plugins/{id}/reset': { path: '/api/plugins/off/reset', admitted: '200' },
  'GET /api/plugins/{id}/crashes': { path: '/api/plugins/echo/crashes', admitted: '200' },
  'GET /api/plugins/{id}/crashes/{crash_id}': { path: '/api/plugins/echo/crashes/1', admitted: '404 not_found' },
  'GET /api/plugins/{id}/logs': { path: '/api/plugins/echo/logs', admitted: '200' },
  'GET /api/plugins/{id}/events': { path: '/api/plugins/echo/events', admitted: '200' },
  'GET /api/plugins/{id}/bundle.js': { path: '/api/plugins/echo/bundle.js', admitted: '200' },
  'GET /api/plugins/{id}/openapi.json': { path: '/api/plugins/off/openapi.json', admitted: '404 plugin_disabled' },
  'GET /api/plugins/{id}/settings': { path: '/api/plugins/echo/settings', admitted: '200' },
  'PATCH /api/plugins/{id}/settings': {
    ...{ path: '/api/plugins/echo/settings', body: { values: { a: 1 } } },
    admitted: '409 conflict',
  },
  'GET /api/licenses': { admitted: '200' },
  'POST /api/licenses/clock/accept': { admitted: '200' },
  'GET /api/plugins/{id}/license': { path: '/api/plugins/echo/license', admitted: '200' },
  'PUT /api/plugins/{id}/license': { path: '/api/plugins/echo/license', body: {}, admitted: '400 validation_failed' },
  'DELETE /api/plugins/{id}/license': { path: '/api/plugins/echo/license', admitted: '404 not_found' },
  'GET /api/plugins/{id}/limits': { path: '/api/plugins/echo/limits', admitted: '200' },
  'PUT /api/plugins/{id}/limits': {
    ...{ path: '/api/plugins/echo/limits', body: { limits: { queue: -1 } } },
    admitted: '400 validation_failed',
  },
  'GET /api/plugins/{id}/versions': { path: '/api/plugins/echo/versions', admitted: '200' },
  'POST /api/plugins/{id}/rollback': { path: '/api/plugins/off/rollback', body: {}, admitted: '409 conflict' },
  'POST /api/plugins/{id}/kv': {
    ...{ path: '/api/plugins/echo/kv', body: { action: 'get', key: 'k' } },
    admitted: '200',
  },
  'POST /api/auth/login': { body: {}, admitted: '400 validation_failed' },
  'POST /api/auth/password': {
    body: { current_password: 'not the password', new_password: 'another password' },
    ...{ admitted: '401 invalid_credentials', token: FORBIDDEN },
  },
  // the last one: it ends the sessions
  'POST /api/auth/logout': { admitted: '204', token: FORBIDDEN },
};

/** Where the rule "who only reads needs to be signed in, who changes something an admin" does not hold. */
const EXCEPTIONS: Readonly<Record<string, Kind>> = {
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'POST /api/auth/login': 'public',
  'POST /api/auth/logout': 'signed-in',
  'POST /api/auth/password': 'signed-in',
  'POST /api/plugins/{id}/kv': 'signed-in',
  'GET /api/auth/tokens': 'admin',
  'GET /api/plugins/{id}/limits': 'admin',
  'GET /api/plugins/{id}/settings': 'admin',
  'GET /api/plugins/{id}/license': 'admin',
  'GET /api/licenses': 'admin',
  'GET /api/users': 'admin',
};
const OPEN_TO_PENDING = ['GET /api/auth/me', 'POST /api/auth/password', 'POST /api/auth/logout'];

/** What the document does not list: static files, the documentation itself, and everything that plugins serve. */
const OTHERS: readonly (readonly [string, Kind, string])[] = [
  ['GET /', 'public', '302'],
  ['GET /console/', 'public', '200'],
  ['GET /api/openapi.json', 'signed-in', '200'],
  ['GET /api/docs', 'signed-in', '200'],
  ['GET /api/docs/swagger-ui-init.js', 'signed-in', '200'],
  ...['/plugins/echo/x', '/api/plugins/route/echo/x', '/api/plugins/echo/x'].flatMap((path) =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map(
      (method) => [`${method} ${path}`, 'signed-in', '200'] as const,
    ),
  ),
  ['GET /plugins/echo', 'signed-in', '200'],
  ['GET /plugins/off/x', 'signed-in', '404 plugin_disabled'],
  ['GET /plugins/nothing-here/x', 'signed-in', '404 route_not_found'],
  ['GET /api/plugins/route/nothing-here/x', 'signed-in', '404 route_not_found'],
  ['GET /api/plugins/nothing-here/x', 'signed-in', '404 plugin_not_found'],
  ['POST /plugins/open/hook', 'public', '200'],
  ['POST /plugins/open/hooked', 'signed-in', '200'],
];

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

describe('every route and every caller', () => {
  let host: TestHost;
  let operations: readonly string[];
  const credentials = new Map<Caller, Readonly<Record<string, string>>>();

  beforeAll(async () => {
    host = await startHost({
      plugins: { echo: {}, open: { metadata: { public_paths: ['/hook'] } }, off: { enabled: false } },
    });
    const { paths } = await host.json<{ paths: Record<string, Record<string, unknown>> }>('/api/openapi.json');
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) => (METHODS.includes(method) ? [`${method.toUpperCase()} ${path}`] : [])),
    );
    await addUser(host, 'viewer', 'viewer');
    await addUser(host, 'second', 'admin');
    await addUser(host, 'pending', 'admin', { must_change_password: true });
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    const session = async (name: string): Promise<Record<string, string>> => ({
      ...{ cookie: await host.signIn(name, PASSWORD), 'x-requested-with': 'test' },
    });
    const secret = randomBytes(32).toString('base64url');
    credentials.set('nobody', {});
    credentials.set('wrong cookie', { cookie: `toru_session=${secret}`, 'x-requested-with': 'test' });
    credentials.set('wrong token', bearer(`tsc_${secret}`));
    // none is made whose time is over already, as it may be where the machine has stood still meanwhile
    const { token: expiring } = await host.waitFor('a token that will expire', () =>
      addToken(host, 'expiring', 'admin', 1500),
    );
    const revoked = await addToken(host, 'revoked', 'admin');
    expect((await host.api('/api/users', { as: revoked })).status).toBe(200);
    await host.api(`/api/auth/tokens/${revoked.id}`, { method: 'DELETE' });
    credentials.set('expired token', bearer(expiring));
    credentials.set('revoked token', bearer(revoked.token));
    credentials.set('viewer token', bearer((await addToken(host, 'v', 'viewer')).token));
    credentials.set('admin token', bearer((await addToken(host, 'a', 'admin')).token));
    credentials.set('viewer session', await session('viewer'));
    credentials.set('admin session', await session('second'));
    credentials.set('pending admin session', await session('pending'));
    await host.untilPlugin('echo', 'running');
    await host.untilPlugin('open', 'running');
    await untilRead(host);
    await host.waitFor('the token to expire', async () => {
      const { status } = await host.api('/api/auth/me', { as: { token: expiring } });
      return status === 401;
    });
  });
  afterAll(() => host.dispose());

  async function ask(caller: Caller, operation: string, sample?: Sample): Promise<RawAnswer> {
    const [method = '', path = ''] = operation.split(' ');
    const body = sample?.body === undefined ? undefined : JSON.stringify(sample.body);
    // a caller without a credential comes from one of our own pages: what must stop it is that it is nobody
    const headers = { 'sec-fetch-site': 'same-origin', ...credentials.get(caller) };
    return rawRequest(host.url, sample?.path ?? path, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  }

  it('faults 28: the table has every operation of the live document, and no other', () => {
    expect([...operations].sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  it.each(CALLERS)('faults 28: %s gets exactly the allowed answers', async (caller) => {
    const expected: string[] = [];
    const got: string[] = [];
    const row = async (operation: string, kind: Kind, sample: Sample): Promise<void> => {
      expected.push(`${operation}: ${expectation(caller, operation, kind, sample)}`);
      got.push(`${operation}: ${shown(await ask(caller, operation, sample))}`);
    };
    for (const [operation, kind, admitted] of OTHERS) await row(operation, kind, { admitted });
    for (const [operation, sample] of Object.entries(SAMPLES)) await row(operation, kindOf(operation), sample);
    for (const operation of operations.filter((each) => !Object.hasOwn(SAMPLES, each))) {
      await row(operation, kindOf(operation), { admitted: 'not in the table' });
    }

    expect(got).toEqual(expected);
  });

  it('faults 28: no other spelling of a path, and no other method, opens it for nobody', async () => {
    const closed = [
      ...Object.entries(SAMPLES).filter(([operation]) => kindOf(operation) !== 'public'),
      ...OTHERS.filter(([, kind]) => kind !== 'public').map(([operation]) => [operation, undefined] as const),
    ];
    const spellings = (path: string): string[] => [
      ...[path.toUpperCase(), `${path}/`, `${path}?x=/health/live`, `${path};a=b`, `${path}.json`, `/.${path}`],
      ...[`/${path}`, `/console/..${path}`, `/console/%2e%2e${path}`, path.replace(/.$/, encodeLast)],
    ];
    const open: string[] = [];
    for (const [operation, sample] of closed) {
      const [method = '', documented = ''] = operation.split(' ');
      const path = sample?.path ?? documented;
      const tries = [['HEAD', path] as const, ...spellings(path).map((each) => [method, each] as const)];
      for (const [tried, target] of tries) {
        const { status } = await rawRequest(host.url, target, {
          ...{ method: tried, headers: { 'sec-fetch-site': 'same-origin' } },
        });
        if (![400, 401, 404].includes(status)) open.push(`${tried} ${target}: ${status}`);
      }
    }

    expect(open).toEqual([]);
  });
});

function kindOf(operation: string): Kind {
  return EXCEPTIONS[operation] ?? (operation.startsWith('GET ') ? 'signed-in' : 'admin');
}

function expectation(caller: Caller, operation: string, kind: Kind, { admitted, token }: Sample): string {
  if (kind === 'public') return admitted;
  const isToken = caller.endsWith('token');
  switch (caller) {
    case 'nobody':
    case 'wrong cookie':
    case 'wrong token':
    case 'expired token':
    case 'revoked token':
      return '401 unauthenticated';
    case 'pending admin session':
      return OPEN_TO_PENDING.includes(operation) ? admitted : '403 password_change_required';
    case 'viewer token':
    case 'viewer session':
      if (kind === 'admin') return FORBIDDEN;
      return isToken ? (token ?? admitted) : admitted;
    case 'admin token':
    case 'admin session':
      return isToken ? (token ?? admitted) : admitted;
  }
}

/** The status, and the code of a problem document. */
function shown({ status, headers, text }: RawAnswer): string {
  if (headers['content-type']?.startsWith('application/problem+json') !== true) return String(status);
  return `${status} ${(JSON.parse(text) as ProblemDetails).code}`;
}

function encodeLast(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
