import { equal, match } from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { HttpRequestV1, HttpResponseV1, PluginState, ProblemDetails } from '@toru/contracts';
import { AppError, SystemClock, type Clock } from '../../common';
import type { RequestLimits } from '../../plugins';
import type { StreamingChannel } from '../../protocol';
import { DEFAULT_GATEWAY_OPTIONS, type GatewayOptions } from '../gateway-options';
import {
  AccessLog,
  RequestAuthenticator,
  RouteTable,
  type AccessRecord,
  type Caller,
  type PluginTarget,
  type SendOptions,
} from '../gateway.ports';
import { GatewayService } from '../gateway.service';

export const TOKEN = 'Bearer tsc_admin';
const ADMIN: Caller = { id: 'u1', name: 'ada', role: 'admin' };

/** A plugin inside this process, whose answers the test decides. */
export class FakePlugin implements PluginTarget {
  readonly received: { request: HttpRequestV1; options: SendOptions }[] = [];
  readonly route: string;
  publicPaths: readonly string[] = ['/hook/*'];
  state: PluginState = 'running';
  reason: string | null = null;
  retryAfterSeconds: number | null = null;
  /** Set: it speaks version 2. */
  stream?: StreamingChannel;
  /** Set: what holds for its requests to a path. */
  limits?: (path: string) => RequestLimits;
  answer: (request: HttpRequestV1, options: SendOptions) => Promise<HttpResponseV1> = () => Promise.resolve(reply());

  constructor(readonly id: string) {
    this.route = `/${id}`;
  }

  /** The headers of the first request that it was given. */
  get headers(): Readonly<Record<string, string>> {
    return { ...(this.received[0]?.request.headers as Readonly<Record<string, string>>) };
  }

  send(request: HttpRequestV1, options: SendOptions): Promise<HttpResponseV1> {
    this.received.push({ request, options });
    return this.answer(request, options);
  }
}

export function reply(
  more: Partial<Omit<HttpResponseV1, 'headers'>> & { headers?: Record<string, string> } = {},
): HttpResponseV1 {
  const { headers, ...rest } = more;
  return { status: 200, body: 'hello', bodyWasJson: false, ...rest, headers: new Map(Object.entries(headers ?? {})) };
}

export class FakeRoutes extends RouteTable {
  constructor(private readonly plugins: readonly FakePlugin[]) {
    super();
  }

  override byRoute(segment: string): PluginTarget | undefined {
    return this.byId(segment);
  }

  override byId(id: string): PluginTarget | undefined {
    return this.plugins.find((plugin) => plugin.id === id.toLowerCase());
  }
}

/** Takes one token, and one cookie whose requests were made by another site when they say so. */
class FakeAuthenticator extends RequestAuthenticator {
  /** Nobody is let in any more. */
  closed = false;
  /** Told of each request whose caller is asked for, and not again when it is asked whether the caller may stay. */
  onAsked: () => void = () => undefined;
  private readonly asked = new WeakSet<object>();
  private listener: () => void = () => undefined;

  override admit(request: Pick<IncomingMessage, 'headers'>): Promise<Caller> {
    const { headers } = request;
    if (!this.asked.has(request)) this.onAsked();
    this.asked.add(request);
    if (this.closed) return Promise.reject(new AppError('unauthenticated', 'Sign in.'));
    if (headers.authorization === TOKEN) return Promise.resolve(ADMIN);
    if (headers.cookie === undefined) return Promise.reject(new AppError('unauthenticated', 'Sign in.'));
    if (headers['sec-fetch-site'] === 'cross-site') return Promise.reject(new AppError('csrf_refused', 'Forged.'));
    if (headers.cookie.includes('pending')) {
      return Promise.reject(new AppError('password_change_required', 'Change the password.'));
    }
    return Promise.resolve(ADMIN);
  }

  override onChange(listener: () => void): void {
    this.listener = listener;
  }

  revokeAll(): void {
    this.closed = true;
    this.listener();
  }
}

class RecordedAccessLog extends AccessLog {
  readonly records: AccessRecord[] = [];
  private readonly waiters: (() => void)[] = [];

  override record(entry: AccessRecord): void {
    this.records.push(entry);
    for (const wake of this.waiters.splice(0)) wake();
  }

  /** The first record, as soon as there is one. */
  async first(): Promise<AccessRecord> {
    while (this.records[0] === undefined) await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.records[0];
  }
}

/** A gateway in front of a host that answers `host <target>`, on a port of its own. */
export class GatewayFixture {
  readonly acme = new FakePlugin('acme');
  readonly other = new FakePlugin('other');
  readonly accessLog = new RecordedAccessLog();
  readonly authenticator = new FakeAuthenticator();
  readonly gateway: GatewayService;
  readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(options: Partial<GatewayOptions> = {}, clock: Clock = new SystemClock()) {
    this.gateway = new GatewayService(
      new FakeRoutes([this.acme, this.other]),
      this.authenticator,
      this.accessLog,
      clock,
      { ...DEFAULT_GATEWAY_OPTIONS, maxBodyBytes: 1024, lingerMs: 50, ...options },
    );
    this.server = createServer(answerAsHost);
    this.gateway.attach(this.server);
    // the server knows nothing of those that the gateway reads by itself, and would wait until they have been idle for long
    this.server.on('connection', (socket: Socket) => this.sockets.add(socket));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The next plugin request has arrived. */
  async nextRequest(): Promise<void> {
    await new Promise<void>((resolve) => (this.authenticator.onAsked = resolve));
  }

  open(): Connection {
    const socket = connect(this.port, '127.0.0.1');
    this.sockets.add(socket);
    return new Connection(socket);
  }

  /** One request on a connection of its own, as these bytes. */
  async raw(bytes: string | Buffer): Promise<Answer> {
    const connection = this.open();
    connection.socket.write(bytes);
    return connection.answer(typeof bytes === 'string' && bytes.startsWith('HEAD '));
  }

  /** One signed-in request. */
  request(target: string, { method = 'GET', headers = {}, body = '' }: RequestParts = {}): Promise<Answer> {
    return this.raw(head(method, target, { authorization: TOKEN, ...headers, ...lengthOf(body) }) + body);
  }
}

export interface RequestParts {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A raw client connection that reads one answer after another. */
export class Connection {
  private bytes = Buffer.alloc(0);
  private ended = false;
  private wake: () => void = () => undefined;

  constructor(readonly socket: Socket) {
    const end = (): void => {
      this.ended = true;
      this.wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.wake();
    });
    socket.on('end', end).on('close', end).on('error', end);
  }

  /** Whether anything has come that was not read yet. */
  get hasBytes(): boolean {
    return this.bytes.length > 0;
  }

  async answer(headOnly = false): Promise<Answer> {
    const headEnd = await this.find('\r\n\r\n');
    const [statusLine = '', ...lines] = this.take(headEnd + 4)
      .trimEnd()
      .split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
    }
    const status = Number(statusLine.split(' ')[1]);
    const length = headOnly || status < 200 ? 0 : Number(headers.get('content-length') ?? 0);
    while (this.bytes.length < length) await this.more();
    return { status, headers, body: this.take(length) };
  }

  /** All that the host sends until it closes the connection. */
  async rest(): Promise<string> {
    while (!this.ended) await this.more(true);
    return this.take(this.bytes.length);
  }

  private async find(text: string): Promise<number> {
    for (;;) {
      const at = this.bytes.indexOf(text);
      if (at !== -1) return at;
      await this.more();
    }
  }

  private take(length: number): string {
    const text = this.bytes.subarray(0, length).toString();
    this.bytes = this.bytes.subarray(length);
    return text;
  }

  private async more(mayEnd = false): Promise<void> {
    if (this.ended && !mayEnd) throw new Error(`the connection ended; left: ${JSON.stringify(this.bytes.toString())}`);
    if (!this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

/** The head of a request, with a Host unless `host` is given. */
export function head(method: string, target: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'toru.test', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function lengthOf(body: string): Record<string, string> {
  return body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function answerAsHost(request: IncomingMessage, response: ServerResponse): void {
  const chunks: string[] = [];
  request.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  request.on('end', () => response.end(`host ${request.url}${chunks.join('')}`));
}

/** The problem document of an answer, after the checks that hold for every one (PRO-4). */
export function problemOf(answer: Answer): ProblemDetails {
  const problem = JSON.parse(answer.body) as ProblemDetails;
  equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  equal(problem.status, answer.status);
  match(problem.request_id, /^[0-9a-f-]{36}$/);
  equal(answer.headers.get('x-request-id'), problem.request_id);
  return problem;
}
