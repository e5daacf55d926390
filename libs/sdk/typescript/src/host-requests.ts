import type { IncomingRequest, OutgoingResponse } from '@toru/protocol';
import type { HostContext, RequestContext } from './plugin-context';
import type { PluginDefinition } from './plugin-definition';
import { routePath, toFetchRequest } from './request-mapping';
import { toOutgoingResponse } from './response-mapping';
import { WebSocketResponse } from './websocket/upgrade-websocket';

const BUNDLE_METHODS: readonly string[] = ['GET', 'HEAD'];
const SOCKET_FAILED = 'The handler of a WebSocket failed';
const BUNDLE_PATH = /^\/bundle\.js(\?|$)/;

/** Answers the requests of the host with the plugin's handler. */
export class HostRequests {
  constructor(
    private readonly definition: PluginDefinition,
    private readonly context: HostContext,
  ) {}

  /** Never rejects: a handler that fails is logged and answers 500. */
  async answer(incoming: IncomingRequest): Promise<OutgoingResponse> {
    const { stopping, log } = this.context;
    const about = { method: incoming.method, path: incoming.path, request_id: incoming.requestId };
    const failed = (error: unknown): void => {
      if (!incoming.signal.aborted) log.error('The answer to a request failed', { ...about, error });
    };
    try {
      let response = await this.respond(incoming);
      if (response instanceof WebSocketResponse) {
        const upgraded = response.serve(incoming, {
          stopping,
          onFailed: (error) => log.error(SOCKET_FAILED, { ...about, error }),
        });
        if (upgraded) return upgraded;
        response = problem(426, 'This is for WebSocket connections');
      }
      return await toOutgoingResponse(response, { method: incoming.method, stopping, onFailed: failed });
    } catch (error) {
      failed(error);
      return await toOutgoingResponse(problem(500, 'internal error'), { method: 'GET', stopping, onFailed: failed });
    }
  }

  private async respond(incoming: IncomingRequest): Promise<Response> {
    const { bundle, http } = this.definition;
    if (this.context.stopping.aborted) return problem(503, 'The plugin is about to end');
    if (bundle !== undefined && BUNDLE_METHODS.includes(incoming.method) && BUNDLE_PATH.test(routePath(incoming))) {
      return new Response(bundle, { headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    }
    if (http === undefined) return problem(404, 'There is nothing here');
    let request: Request;
    try {
      request = toFetchRequest(incoming);
    } catch {
      return problem(400, 'The request cannot be served');
    }
    const ctx = this.contextOf(incoming);
    const response: unknown = await (typeof http === 'function' ? http(request, ctx) : http.handle(request, ctx));
    if (!(response instanceof Response)) throw new TypeError('A handler must give a Response');
    return response;
  }

  /** Inherits from the plugin's context, so that its settings are always the newest. */
  private contextOf({ user, remote, base, requestId }: IncomingRequest): RequestContext {
    return Object.assign(Object.create(this.context) as HostContext, { user, remote, base, requestId });
  }
}

function problem(status: number, detail: string): Response {
  return Response.json({ error: detail }, { status });
}
