import { json, LazyRequest } from './fetch';
import type { RequestContext } from './plugin-context';

/** The names in a pattern: `Params<'/items/:id'>` is `{ readonly id: string }`. */
export type Params<Pattern extends string> = { readonly [Name in ParamNames<Pattern>]: string };

type ParamNames<Pattern extends string> = Pattern extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamNames<Rest>
  : ParamName<Pattern>;
type ParamName<Segment extends string> = Segment extends `:${infer Name}` | `*${infer Name}` ? Name : never;

export interface RouteInput<P> {
  /** The decoded segments; of a `*name` everything that is left, still encoded. */
  readonly params: P;
  readonly request: Request;
  readonly url: URL;
  readonly ctx: RequestContext;
}

export type RouteHandler<P> = (input: RouteInput<P>) => Response | Promise<Response>;

/** `/items/:id` takes one segment, `/files/*path` everything below, also nothing. */
type Add = <const Pattern extends `/${string}`>(pattern: Pattern, handler: RouteHandler<Params<Pattern>>) => Router;

/** Routes in the order in which they were added: the first that fits answers. */
export interface Router {
  /** Answers HEAD as well. */
  readonly get: Add;
  readonly post: Add;
  readonly put: Add;
  readonly patch: Add;
  readonly delete: Add;
  /** Any method. */
  readonly all: Add;
  /**
   * 404 where no pattern fits, 405 where the method is another, 400 for a path whose encoding is damaged. Throws, or
   * rejects, with what a handler does.
   */
  handle(request: Request, ctx: RequestContext): Response | Promise<Response>;
}

interface Route {
  readonly method: string | undefined;
  /** The whole path, where the pattern has no names: only a path that is encoded in another way is looked at closer. */
  readonly fixed: string | undefined;
  readonly segments: readonly string[];
  readonly handler: RouteHandler<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

export function router(): Router {
  const routes: Route[] = [];
  const adder =
    (method?: string): Add =>
    (pattern, handler) => {
      const segments = pattern.slice(1).split('/');
      const rest = segments.findIndex((segment) => segment.startsWith('*'));
      if (rest >= 0 && rest < segments.length - 1) throw new TypeError(`* must come last: ${pattern}`);
      const fixed = segments.some((segment) => /^[:*]/.test(segment)) ? undefined : pattern;
      routes.push({ method, fixed, segments, handler: handler as Route['handler'] });
      return self;
    };
  const self: Router = {
    get: adder('GET'),
    post: adder('POST'),
    put: adder('PUT'),
    patch: adder('PATCH'),
    delete: adder('DELETE'),
    all: adder(),
    handle: (request, ctx) => handle(routes, request, ctx),
  };
  return self;
}

/** The URL is parsed for those handlers that ask for it. */
class Input implements RouteInput<Record<string, string>> {
  #url: URL | undefined;

  constructor(
    readonly params: Record<string, string>,
    readonly request: Request,
    readonly ctx: RequestContext,
  ) {}

  get url(): URL {
    return (this.#url ??= new URL(this.request.url));
  }
}

function handle(routes: readonly Route[], request: Request, ctx: RequestContext): Response | Promise<Response> {
  const pathname = LazyRequest.pathnameOf(request);
  let path: readonly string[] | undefined;
  let allowed: Set<string> | undefined;
  for (const { method, fixed, segments, handler } of routes) {
    const params = pathname === fixed ? NO_PARAMS : match(segments, (path ??= pathname.slice(1).split('/')));
    if (params === undefined) continue;
    if (params === 'damaged') return refuse(400, 'The path is not well encoded');
    if (method === undefined || method === request.method || (method === 'GET' && request.method === 'HEAD')) {
      return handler(new Input(params, request, ctx));
    }
    allowed ??= new Set();
    allowed.add(method);
    if (method === 'GET') allowed.add('HEAD');
  }
  if (!allowed) return refuse(404, 'There is nothing here');
  return refuse(405, 'The method is not allowed here', { allow: [...allowed].join(', ') });
}

function match(segments: readonly string[], path: readonly string[]): Record<string, string> | 'damaged' | undefined {
  const params: [string, string][] = [];
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    if (segment.startsWith('*')) {
      params.push([segment.slice(1), path.slice(index).join('/')]);
      return Object.fromEntries(params);
    }
    const given = path[index];
    if (given === undefined) return undefined;
    if (segment.startsWith(':')) {
      if (given === '') return undefined;
      const decoded = decode(given);
      if (decoded === undefined) return 'damaged';
      params.push([segment.slice(1), decoded]);
    } else if (segment !== given && segment !== decode(given)) {
      return undefined;
    }
  }
  return path.length === segments.length ? Object.fromEntries(params) : undefined;
}

function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function refuse(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return json({ error: detail }, { status, headers });
}
