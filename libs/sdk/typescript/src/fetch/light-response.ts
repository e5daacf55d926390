import { standInFor } from './facade';

export interface ReplyInit {
  /** 200 to 599; 200 unless given. */
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
}

/** What goes on the wire as it stands. */
interface Parts {
  /** Undefined where somebody may have changed them: then `response.headers` counts. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

interface PlainHeaders {
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly defaults: Readonly<Record<string, string>>;
  readonly merged: Readonly<Record<string, string>>;
}

const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
/** Not `__proto__`, which a spread would take for what it is not. */
const PLAIN_NAME = /^[a-z0-9-]+$/;
/** No space at either end, which `Headers` would cut off. */
const PLAIN_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const JSON_HEADERS = Object.freeze({ 'content-type': 'application/json' });
const TEXT_HEADERS = Object.freeze({ 'content-type': 'text/plain;charset=UTF-8' });

/**
 * An answer of text in the shape of the Fetch standard, without the streams that make Node's own `Response` dear. The real
 * one is made for who asks for its body.
 */
export class LightResponse {
  readonly #status: number;
  readonly #statusText: string;
  readonly #body: string;
  #given: Readonly<Record<string, string>>;
  #headers: Headers | undefined;
  #real: Response | undefined;

  constructor(body: string, contentType: Readonly<Record<string, string>>, init: ReplyInit | undefined) {
    this.#body = body;
    this.#given = contentType;
    this.#status = init?.status ?? 200;
    this.#statusText = init?.statusText ?? '';
    if (!Number.isInteger(this.#status) || this.#status < 200 || this.#status > 599) {
      throw new RangeError('The status of an answer must be a whole number from 200 to 599');
    }
    if (NULL_BODY.has(this.#status)) throw new TypeError(`An answer with status ${this.#status} has no body`);
    if (init?.headers === undefined) return;
    const plain = plainHeaders(init.headers, contentType);
    if (plain) this.#given = plain;
    else this.#headers = headersOf(init.headers, contentType);
  }

  /** What a light response is made of, as long as nobody has its body. */
  static partsOf(response: Response): Parts | undefined {
    if (!(#body in response)) return undefined;
    const light = response as unknown as LightResponse;
    if (light.#real) return undefined;
    return { headers: light.#headers ? undefined : light.#given, body: light.#body };
  }

  static real(light: LightResponse): Response {
    light.#real ??= new Response(light.#body, {
      status: light.#status,
      statusText: light.#statusText,
      headers: light.headers,
    });
    return light.#real;
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status < 300;
  }

  get headers(): Headers {
    return (this.#headers ??= new Headers(this.#given));
  }

  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? false;
  }
}

standInFor(LightResponse, Response, new Response(), (light) => LightResponse.real(light));

/** Like `Response.json`, and much cheaper. Throws `TypeError` for what JSON has no form for. */
export function json(value: unknown, init?: ReplyInit): Response {
  const body = JSON.stringify(value) as string | undefined;
  if (body === undefined) throw new TypeError('The value has no JSON form');
  return new LightResponse(body, JSON_HEADERS, init) as unknown as Response;
}

/** Like `new Response(body, init)` for text, and much cheaper. */
export function text(body: string, init?: ReplyInit): Response {
  return new LightResponse(body, TEXT_HEADERS, init) as unknown as Response;
}

/** The last headers that were found to be plain: most answers of a plugin have the same ones. */
let last: PlainHeaders = { names: [], values: [], defaults: JSON_HEADERS, merged: JSON_HEADERS };

/** The headers over their defaults, frozen, if they are a record that `Headers` would leave as it is. */
function plainHeaders(
  given: NonNullable<ReplyInit['headers']>,
  defaults: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  if (Object.getPrototypeOf(given) !== Object.prototype) return undefined;
  const record = given as Readonly<Record<string, unknown>>;
  const names = Object.keys(record);
  if (isLast(record, names, defaults)) return last.merged;
  const values: string[] = [];
  for (const name of names) {
    const value = record[name];
    if (!PLAIN_NAME.test(name) || typeof value !== 'string' || !PLAIN_VALUE.test(value)) return undefined;
    values.push(value);
  }
  const merged = Object.freeze({ ...defaults, ...(record as Record<string, string>) });
  last = { names, values, defaults, merged };
  return merged;
}

function isLast(record: Readonly<Record<string, unknown>>, names: readonly string[], defaults: object): boolean {
  if (last.defaults !== defaults || last.names.length !== names.length) return false;
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    if (last.names[index] !== name || last.values[index] !== record[name]) return false;
  }
  return true;
}

function headersOf(given: NonNullable<ReplyInit['headers']>, defaults: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value);
  return headers;
}
