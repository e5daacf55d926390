import { Blob, isAscii } from 'node:buffer';
import { ReceiveStream, type IncomingRequest } from '@toru/protocol';
import { standInFor } from './facade';

/** The origin of every `request.url`: what counts is the path. */
const ORIGIN = 'http://plugin';

const BODILESS_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
/** The standard would leave them as they are; any other is for it to judge. */
const PLAIN_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** A path and query that a URL would leave as they are; but for dot segments, also encoded ones. */
const PLAIN_PATH = /^\/[\w\-~!$&()*+,;=:@/?.%]*$/;
const DOTS = /\/\.|%2e/i;

const utf8 = new TextDecoder();

/**
 * A request's own signal is but loosely tied to the one that it was made with: a handler that keeps the signal of a copy
 * alone would hear nothing any more once the request is collected as garbage. So a request lives as long as the signal.
 */
const kept = new WeakMap<AbortSignal, Request>();

/**
 * A request of the host's in the shape of the Fetch standard. Node's own `Request` costs more than everything else that an
 * exchange takes, so it is made only for what needs it: `body`, `clone`, `formData`, and what hardly anybody asks for.
 */
export class LazyRequest {
  readonly #incoming: IncomingRequest;
  readonly #path: string;
  readonly #body: Uint8Array | ReceiveStream | undefined;
  readonly #method: string;
  /** Whether the path goes into the URL as it is. */
  readonly #isPlain: boolean;
  #url: string | undefined;
  #headers: Headers | undefined;
  #used = false;
  #real: Request | undefined;

  /**
   * `path` is the one below the plugin's route. Throws `TypeError` for what the standard does not know: the methods
   * CONNECT, TRACE and TRACK, or a path without a slash.
   */
  constructor(incoming: IncomingRequest, path: string) {
    const { method } = incoming;
    if (!path.startsWith('/')) throw new TypeError('The path of a request must begin with a slash');
    this.#incoming = incoming;
    this.#path = path;
    this.#method = PLAIN_METHODS.has(method) ? method : new Request(ORIGIN, { method }).method;
    this.#isPlain = PLAIN_PATH.test(path) && !DOTS.test(path);
    const isBodiless = incoming.upgrade || BODILESS_METHODS.has(this.#method);
    this.#body = isBodiless ? undefined : incoming.body;
    // The stream of an upgrade is for the WebSocket, if it becomes one.
    if (isBodiless && !incoming.upgrade && incoming.body instanceof ReceiveStream) incoming.body.cancel();
  }

  /** The path of a request's URL, without its query. */
  static pathnameOf(request: Request): string {
    if (!(#url in request)) return new URL(request.url).pathname;
    const lazy = request as unknown as LazyRequest;
    if (!lazy.#isPlain) return new URL(lazy.url).pathname;
    const end = lazy.#path.indexOf('?');
    return end < 0 ? lazy.#path : lazy.#path.slice(0, end);
  }

  static real(lazy: LazyRequest): Request {
    return (lazy.#real ??= lazy.#make());
  }

  get method(): string {
    return this.#method;
  }

  get url(): string {
    return (this.#url ??= this.#isPlain ? ORIGIN + this.#path : new URL(ORIGIN + this.#path).href);
  }

  get headers(): Headers {
    return (this.#headers ??= toFetchHeaders(this.#incoming.headers));
  }

  get signal(): AbortSignal {
    return this.#incoming.signal;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#body === undefined ? null : LazyRequest.real(this).body;
  }

  get bodyUsed(): boolean {
    return this.#real ? this.#real.bodyUsed : this.#used;
  }

  async text(): Promise<string> {
    if (this.#real) return await this.#real.text();
    // Nothing is waited for where the bytes are there: each wait is a promise and a turn of its queue.
    const bytes = this.#bytes();
    return decode(bytes instanceof Uint8Array ? bytes : await bytes);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  async bytes(): Promise<Uint8Array> {
    // `Request.bytes` came with Node 22. What arrived is a part of a larger buffer: the handler gets its own.
    return this.#real ? new Uint8Array(await this.#real.arrayBuffer()) : new Uint8Array(await this.#bytes());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer as ArrayBuffer;
  }

  async blob(): Promise<Blob> {
    if (this.#real) return await this.#real.blob();
    return new Blob([await this.#bytes()], { type: this.headers.get('content-type') ?? '' });
  }

  /** Throws `TypeError` where it was read before. */
  #bytes(): Uint8Array | Promise<Uint8Array> {
    const body = this.#body;
    if (body === undefined) return new Uint8Array();
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    return body instanceof Uint8Array ? body : gather(body);
  }

  #make(): Request {
    const { signal } = this;
    const body = this.#used ? new ReadableStream() : this.#body;
    const real = new Request(this.url, {
      method: this.#method,
      headers: this.headers,
      signal,
      ...(body !== undefined && { body: body instanceof ReceiveStream ? body.toWeb() : body, duplex: 'half' }),
    });
    // Whoever has read the body here has used up the real one's too.
    if (this.#used) void real.body?.cancel();
    kept.set(signal, real);
    return real;
  }
}

standInFor(LazyRequest, Request, new Request(ORIGIN), (lazy) => LazyRequest.real(lazy));

function toFetchHeaders(headers: IncomingRequest['headers']): Headers {
  const result = new Headers();
  for (const [name, value] of headers) {
    if (typeof value === 'string') result.append(name, value);
    else if (name === 'cookie') result.append(name, value.join('; '));
    else for (const each of value) result.append(name, each);
  }
  return result;
}

/** As `TextDecoder` does, which takes three times as long for text of ASCII. */
function decode(bytes: Uint8Array): string {
  if (!isAscii(bytes)) return utf8.decode(bytes);
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1');
}

async function gather(body: ReceiveStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
