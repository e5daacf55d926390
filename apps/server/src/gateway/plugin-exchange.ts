import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { HttpRequestV1 } from '@toru/contracts';
import { AppError, requestIdOf, type Clock } from '../common';
import { admitCaller, findTarget, requireRunning } from './admission';
import type { GatewayOptions } from './gateway-options';
import type { AccessLog, Caller, PluginTarget, RequestAuthenticator, RouteTable } from './gateway.ports';
import { pluginAnswer, type PluginAnswer } from './plugin-answer';
import { pathForPlugin, type PluginRequest } from './plugin-request';
import { replyProblem } from './problem-reply';
import { checkDeclaredLength, ClientGoneError, hasBody, readBody, textBody } from './request-body';
import { requestHeaders } from './request-headers';

/** What every exchange shares. */
export interface ExchangeContext {
  readonly routes: RouteTable;
  readonly authenticator: RequestAuthenticator;
  readonly accessLog: AccessLog;
  readonly clock: Clock;
  readonly options: GatewayOptions;
}

/** One plugin request, already recognised as such. */
export interface IncomingPluginRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Canonical, without query. */
  readonly path: string;
  readonly query: string;
  readonly match: PluginRequest;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

/** What the access log says where the client left without an answer; never sent. */
const CLIENT_CLOSED_REQUEST = 499;
const logger = new Logger('gateway');

/** Takes one request through: admit, read, send, answer, log. Sends it to the plugin once at most (faults 24). */
export class PluginExchange {
  private readonly requestId: string;
  private readonly startedAt: number;
  private readonly departure = new AbortController();
  private target: PluginTarget | undefined;
  private caller: Caller | undefined;
  private status = CLIENT_CLOSED_REQUEST;
  private bytes = 0;

  constructor(
    private readonly context: ExchangeContext,
    private readonly incoming: IncomingPluginRequest,
    private readonly onClose: () => void,
  ) {
    this.requestId = requestIdOf(incoming.request);
    this.startedAt = context.clock.monotonic();
    incoming.response.once('close', () => {
      this.close();
    });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const target = await this.admit();
      const body = await this.readBody();
      const response = await target.send(this.toPluginRequest(target, body), {
        signal: this.departure.signal,
        requestId: this.requestId,
        deadlineMs: this.context.options.exchangeTimeoutMs,
      });
      if (!this.departure.signal.aborted) {
        this.write(pluginAnswer(response, this.incoming.request.method ?? 'GET', this.requestId));
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private async admit(): Promise<PluginTarget> {
    const { routes, authenticator, options } = this.context;
    const { request, match } = this.incoming;
    this.target = findTarget(routes, match);
    this.caller = await admitCaller(authenticator, request, this.target, match.rest);
    const target = requireRunning(this.target, match, this.caller !== undefined);
    if (request.headers.upgrade?.toLowerCase() === 'websocket') {
      throw new AppError('upgrade_unsupported', 'Plugins of protocol version 1 cannot take over a connection.');
    }
    checkDeclaredLength(request, options.maxBodyBytes);
    return target;
  }

  private async readBody(): Promise<Buffer | null> {
    const { request, response, expectsContinue } = this.incoming;
    if (!hasBody(request)) return null;
    if (expectsContinue) response.writeContinue();
    return readBody(request, this.context.options.maxBodyBytes);
  }

  private toPluginRequest(target: PluginTarget, body: Buffer | null): HttpRequestV1 {
    const { request, match, query } = this.incoming;
    return {
      method: request.method ?? 'GET',
      path: pathForPlugin(match, target.route, query),
      headers: requestHeaders(request.rawHeaders, {
        caller: this.caller,
        requestId: this.requestId,
        clientAddress: addressOf(request),
        encrypted: (request.socket as Partial<TLSSocket>).encrypted === true,
        publicOrigin: this.context.options.publicOrigin,
        prefix: match.prefix,
        bodyBytes: body?.length,
      }),
      body: body === null ? null : textBody(body),
    };
  }

  private write(answer: PluginAnswer): void {
    const { response } = this.incoming;
    try {
      response.writeHead(answer.status, answer.headers);
    } catch (error) {
      throw new AppError('plugin_error', 'The plugin answered with something that HTTP cannot carry.', {
        cause: error,
      });
    }
    this.status = answer.status;
    this.bytes = answer.bytes;
    if (answer.body === undefined) response.end();
    else response.end(answer.body, 'utf8');
    // a client that reads nothing must not keep the answer in memory for ever; Node resets this with the next request
    if (response.writableLength > 0) response.setTimeout(this.context.options.sendIdleMs);
  }

  private fail(thrown: unknown): void {
    if (thrown instanceof ClientGoneError || this.departure.signal.aborted) return;
    const error = this.withPlugin(thrown);
    if (!(error instanceof AppError)) {
      logger.error({
        err: thrown,
        request_id: this.requestId,
        msg: 'a plugin request failed in a way that was not foreseen',
      });
    }
    this.status = error instanceof AppError ? error.status : 500;
    replyProblem(this.incoming.response, error, this.context.clock, this.context.options.lingerMs);
  }

  /** Every problem names the plugin that it is about (PRO-4), to callers who may know it. */
  private withPlugin(error: unknown): unknown {
    if (!(error instanceof AppError) || error.plugin !== undefined || this.target === undefined) return error;
    if (error.status === 401 || error.status === 403) return error;
    const { retryAfterSeconds } = error;
    return new AppError(error.code, error.message, {
      cause: error,
      plugin: this.target.id,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }

  private close(): void {
    const { accessLog, clock } = this.context;
    if (this.status === CLIENT_CLOSED_REQUEST) this.departure.abort();
    this.onClose();
    accessLog.record({
      method: this.incoming.request.method ?? 'GET',
      path: this.incoming.path,
      plugin: this.target?.id ?? null,
      status: this.status,
      duration_ms: Math.round(clock.monotonic() - this.startedAt),
      user: this.caller?.name ?? null,
      request_id: this.requestId,
      bytes: this.bytes,
    });
  }
}

/** The client's address as far as the host can tell: of the other end of the connection. */
function addressOf(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
