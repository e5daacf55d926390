import type { IncomingRequest, OutgoingResponse } from '@toru/protocol';
import type { HostContext, RequestContext } from './plugin-context';
import type { PluginDefinition } from './plugin-definition';
import { json, LazyRequest } from './fetch';
import { routePath } from './request-mapping';
import { toOutgoingResponse } from './response-mapping';
import { WebSocketResponse } from './websocket/upgrade-websocket';

const BUNDLE_METHODS: readonly string[] = ['GET', 'HEAD'];
const REQUEST_FAILED = 'The answer to a request failed';
const SOCKET_FAILED = 'The handler of a WebSocket failed';
const BUNDLE_PATH = /^\/bundle\.js(\?|$)/;

/** Answers the requests of the host with the plugin's handler. */
export class HostRequests {
  private readonly contextOf;

  constructor(
    private readonly definition: PluginDefinition,
    private readonly context: HostContext,
  ) {
    this.contextOf = contextMaker(context);
  }

  /** Never rejects: a handler that fails is logged and answers 500. */
  async answer(incoming: IncomingRequest): Promise<OutgoingResponse> {
    const { stopping, log } = this.context;
    const { method, path, requestId: request_id } = incoming;
    const failed = (error: unknown): void => {
      if (!incoming.signal.aborted) log.error(REQUEST_FAILED, { method, path, request_id, error });
    };
    try {
      const given: unknown = await this.respond(incoming);
      if (!(given instanceof Response)) throw new TypeError('A handler must give a Response');
      let response = given;
      if (response instanceof WebSocketResponse) {
        const upgraded = response.serve(incoming, {
          stopping,
          onFailed: (error) => log.error(SOCKET_FAILED, { method, path, request_id, error }),
        });
        if (upgraded) return upgraded;
        response = problem(426, 'This is for WebSocket connections');
      }
      const outgoing = toOutgoingResponse(response, { method, stopping, onFailed: failed });
      return outgoing instanceof Promise ? await outgoing : outgoing;
    } catch (error) {
      failed(error);
      return await toOutgoingResponse(problem(500, 'internal error'), { method: 'GET', stopping, onFailed: failed });
    }
  }

  private respond(incoming: IncomingRequest): Response | Promise<Response> {
    const { bundle, http } = this.definition;
    if (this.context.stopping.aborted) return aboutToEnd();
    const path = routePath(incoming);
    if (bundle !== undefined && BUNDLE_METHODS.includes(incoming.method) && BUNDLE_PATH.test(path)) {
      return new Response(bundle, { headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    }
    if (http === undefined) return problem(404, 'There is nothing here');
    let request: Request;
    try {
      request = new LazyRequest(incoming, path) as unknown as Request;
    } catch {
      return problem(400, 'The request cannot be served');
    }
    const ctx = this.contextOf(incoming);
    return typeof http === 'function' ? http(request, ctx) : http.handle(request, ctx);
  }
}

/** Makes contexts that inherit from the plugin's, so that its settings are always the newest. */
function contextMaker(context: HostContext): (incoming: IncomingRequest) => RequestContext {
  class OfRequest {
    readonly user;
    readonly remote;
    readonly base;
    readonly requestId;

    constructor(incoming: IncomingRequest) {
      this.user = incoming.user;
      this.remote = incoming.remote;
      this.base = incoming.base;
      this.requestId = incoming.requestId;
    }
  }
  Object.setPrototypeOf(OfRequest.prototype, context);
  return (incoming) => new OfRequest(incoming) as unknown as RequestContext;
}

/** In the form of the host's own errors (RFC 9457): to the client it is the host that has no plugin just now. */
function aboutToEnd(): Response {
  const document = {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: 'The plugin is about to end',
  };
  return json(document, { status: 503, headers: { 'content-type': 'application/problem+json' } });
}

function problem(status: number, detail: string): Response {
  return json({ error: detail }, { status });
}
