import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AppError, CallerWatch, canonicalPath, Clock, requestIdOf } from '../common';
import { ClientErrors } from './client-errors';
import { NodeClient, type ClientSide } from './client-side';
import { EndlessStreams } from './endless-streams';
import { GatewayOptions } from './gateway-options';
import { AccessLog, RequestAuthenticator, RouteTable } from './gateway.ports';
import type { PlainClient } from './plain-client';
import { PlainConnections } from './plain-connections';
import { PluginExchange, type ExchangeContext, type IncomingPluginRequest } from './plugin-exchange';
import { matchPluginRequest } from './plugin-request';
import { replyProblem } from './problem-reply';
import { refusedForm } from './request-form';
import { bodyTimeout, hasBody } from './request-body';
import { UpgradeListener, type MatchHandshake } from './upgrade-listener';
import { WebSocketExchange, type IncomingHandshake } from './web-socket-exchange';

/** The fast path: takes plugin requests off the HTTP server before the host's own router sees them. */
@Injectable()
export class GatewayService {
  private readonly context: ExchangeContext;
  private inFlight = 0;
  private draining = false;
  private readonly endless = new EndlessStreams();
  private readonly webSockets = new Set<WebSocketExchange>();
  private plain: PlainConnections | undefined;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(
    routes: RouteTable,
    authenticator: RequestAuthenticator,
    accessLog: AccessLog,
    private readonly clock: Clock,
    private readonly options: GatewayOptions,
  ) {
    const callers = new CallerWatch(authenticator, clock);
    this.context = { routes, authenticator, callers, accessLog, clock, options, endless: this.endless };
  }

  /**
   * Puts the gateway in front of the listeners that the server has now: to be called once, after the application was
   * initialised and before it listens. Every request gets its id and the check of its path here, the host's own too.
   */
  attach(server: Server): void {
    server.headersTimeout = this.options.headersTimeoutMs;
    server.keepAliveTimeout = this.options.keepAliveMs;
    // bodies have time-outs of their own: an upload may take as long as it goes on
    server.requestTimeout = 0;
    const hostListeners = server.listeners('request') as RequestListener[];
    const clientErrors = new ClientErrors();
    const toHost = (request: IncomingMessage, response: ServerResponse): void => {
      response.setHeader('x-request-id', requestIdOf(request));
      if (hasBody(request)) this.boundBody(request, response);
      for (const listener of hostListeners) listener.call(server, request, response);
    };
    server.removeAllListeners('request');
    const { clock } = this;
    const { headersTimeoutMs, sendIdleMs } = this.options;
    const plain = new PlainConnections(server, { clock, headersTimeoutMs, sendIdleMs, take: this.takePlain });
    this.plain = plain;
    server.on('request', (request, response) => {
      clientErrors.begin(request.socket, response);
      if (plain.knows(request, response)) return;
      if (!this.take(request, response, false)) toHost(request, response);
    });
    server.on('checkContinue', (request, response) => {
      clientErrors.begin(request.socket, response);
      if (this.take(request, response, true)) return;
      response.writeContinue();
      toHost(request, response);
    });
    server.on('clientError', clientErrors.handle);
    server.on('connect', clientErrors.refuseTunnel);
    const upgrades = new UpgradeListener(
      plain.giveToNode,
      clientErrors.latestResponse,
      this.matchHandshake,
      this.takeHandshake,
    );
    server.on('upgrade', upgrades.handle);
  }

  /**
   * Refuses new plugin requests from now on; resolves when those in flight have ended (SUP-7). WebSockets are not waited
   * for: they end when their plugins say goodbye. Event streams are ended first, since they have no end of their own.
   */
  async drain(): Promise<void> {
    this.draining = true;
    this.plain?.drain();
    this.endless.endAll();
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Ends what is still open: WebSockets that their plugins have not ended, and the connections that are not Node's. */
  endConnections(): void {
    for (const webSocket of this.webSockets) webSocket.end();
    this.plain?.endAll();
  }

  /** Whether the request is answered here. */
  private take(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): boolean {
    const form = refusedForm(request);
    if (form !== undefined) {
      response.setHeader('connection', 'close');
      this.refuse(response, new AppError('malformed_request', `The request has ${form}.`));
      return true;
    }
    const canonical = canonicalPath(request.url ?? '');
    if (!canonical.ok) {
      this.refuse(response, new AppError('malformed_path', `The path is refused: ${canonical.reason}.`));
      return true;
    }
    const { path, query } = canonical;
    const match = matchPluginRequest(path);
    if (match === undefined) return false;
    if (this.draining) {
      response.setHeader('connection', 'close');
      this.refuse(response, new AppError('shutting_down', 'The host is shutting down. Try again shortly.'));
      return true;
    }
    this.begin(new NodeClient(response, expectsContinue), { path, query, match });
    return true;
  }

  /** Of what is refused before it reaches a plugin Node makes the answer, as of all that is the host's own. */
  private readonly takePlain = (client: PlainClient): boolean => {
    const canonical = canonicalPath(client.head.url);
    if (!canonical.ok || this.draining) return false;
    const { path, query } = canonical;
    const match = matchPluginRequest(path);
    if (match === undefined) return false;
    this.begin(client, { path, query, match });
    return true;
  };

  private begin(client: ClientSide, asked: Omit<IncomingPluginRequest, 'client'>): void {
    this.inFlight++;
    void new PluginExchange(this.context, { client, ...asked }, this.onExchangeClosed).run();
  }

  /** While the host ends, handshakes are ordinary requests, and refused as such. */
  private readonly matchHandshake: MatchHandshake = (request) => {
    const canonical = canonicalPath(request.url ?? '');
    if (!canonical.ok || this.draining) return undefined;
    const { path, query } = canonical;
    const match = matchPluginRequest(path);
    return match === undefined ? undefined : { path, query, match };
  };

  private readonly takeHandshake = (handshake: IncomingHandshake): void => {
    const exchange = new WebSocketExchange(this.context, handshake, () => {
      this.webSockets.delete(exchange);
    });
    this.webSockets.add(exchange);
    void exchange.run();
  };

  /** The host's own endpoints take small bodies: whoever sends one byte after another is not waited for. */
  private boundBody(request: IncomingMessage, response: ServerResponse): void {
    const cancel = this.clock.setTimeout(() => {
      this.refuse(response, bodyTimeout(this.options.requestTimeoutMs));
    }, this.options.requestTimeoutMs);
    request.once('end', cancel).once('close', cancel);
  }

  private refuse(response: ServerResponse, error: AppError): void {
    replyProblem(response, error, this.clock, this.options.lingerMs);
  }

  private readonly onExchangeClosed = (): void => {
    this.inFlight--;
    if (this.inFlight === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  };
}
