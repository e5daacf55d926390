import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { HttpRequestV1 } from '@toru/contracts';
import { AppError, requestIdOf, type Clock } from '../common';
import { admitCaller, findTarget, requireRunning } from './admission';
import type { StreamingChannel, StreamingResponse } from '../protocol';
import type { GatewayOptions } from './gateway-options';
import type { AccessLog, Caller, PluginTarget, RequestAuthenticator, RouteTable } from './gateway.ports';
import { pluginAnswer, streamedHead, type PluginAnswer } from './plugin-answer';
import { pathForPlugin, type PluginRequest } from './plugin-request';
import { replyProblem } from './problem-reply';
import { checkDeclaredLength, ClientGoneError, hasBody, readBody, textBody } from './request-body';
import { requestHeaders, type RequestHeaders } from './request-headers';
import { pumpAnswer } from './streamed-answer';
import { streamedBody } from './streamed-body';
import { UploadWatch } from './upload-watch';

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
      if (target.stream !== undefined) {
        await this.runStreaming(target, target.stream);
        return;
      }
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
      throw new AppError('upgrade_unsupported', 'WebSockets are not forwarded to plugins.');
    }
    checkDeclaredLength(request, target.stream === undefined ? options.maxBodyBytes : options.maxUploadBytes);
    return target;
  }

  private async readBody(): Promise<Buffer | null> {
    const { request, response, expectsContinue } = this.incoming;
    if (!hasBody(request)) return null;
    if (expectsContinue) response.writeContinue();
    return readBody(request, this.context.options.maxBodyBytes);
  }

  /** Version 2: bytes both ways, streamed where they are many (PRO-7, RTE-6). */
  private async runStreaming(target: PluginTarget, channel: StreamingChannel): Promise<void> {
    const { request, response, match, query, expectsContinue } = this.incoming;
    const { options } = this.context;
    const upload = new UploadWatch(this.context.clock, options.exchangeTimeoutMs);
    if (expectsContinue && hasBody(request)) response.writeContinue();
    const body = await streamedBody(request, options.maxUploadBytes, upload);
    const streams = body !== null && !(body instanceof Uint8Array);
    if (streams) upload.begin();
    try {
      const answer = await channel.forward(
        {
          method: request.method ?? 'GET',
          path: pathForPlugin(match, target.route, query),
          base: match.form === 'page' ? target.route : '',
          headers: this.headers(streams ? declaredLength(request) : body?.length, true),
          user:
            this.caller === undefined ? null : { id: this.caller.id, name: this.caller.name, role: this.caller.role },
          remote: addressOf(request),
          body,
        },
        {
          requestId: this.requestId,
          signal: AbortSignal.any([this.departure.signal, upload.signal]),
          deadlineMs: streams ? Infinity : options.exchangeTimeoutMs,
        },
      );
      await this.writeStreamed(answer);
    } finally {
      upload.end();
    }
  }

  private async writeStreamed({ status, headers, body }: StreamingResponse): Promise<void> {
    const { request, response } = this.incoming;
    const stream = body instanceof Uint8Array ? undefined : body;
    if (this.departure.signal.aborted) {
      stream?.cancel();
      return;
    }
    try {
      const head = streamedHead({ status, headers }, request.method ?? 'GET', this.requestId);
      if (stream === undefined || head.bodiless) {
        stream?.cancel();
        const bytes = head.bodiless ? undefined : Buffer.from(body instanceof Uint8Array ? body : []);
        if (bytes !== undefined && head.declared === undefined)
          head.headers.push('content-length', String(bytes.length));
        if (bytes !== undefined && (head.declared ?? bytes.length) !== bytes.length) throw wrongLength();
        this.write({ status, headers: head.headers, body: bytes, bytes: bytes?.length ?? 0 });
        return;
      }
      this.writeHead(head.status, head.headers);
      response.flushHeaders();
      await pumpAnswer(response, stream, {
        declared: head.declared,
        sendIdleMs: this.context.options.sendIdleMs,
        onBytes: (bytes) => {
          this.bytes += bytes;
        },
      });
    } catch (error) {
      stream?.cancel();
      throw error;
    }
  }

  private toPluginRequest(target: PluginTarget, body: Buffer | null): HttpRequestV1 {
    const { request, match, query } = this.incoming;
    return {
      method: request.method ?? 'GET',
      path: pathForPlugin(match, target.route, query),
      headers: this.headers(body?.length, false),
      body: body === null ? null : textBody(body),
    };
  }

  private headers(bodyBytes: number | undefined, takesBytes: boolean): RequestHeaders {
    const { request, match } = this.incoming;
    return requestHeaders(request.rawHeaders, {
      caller: this.caller,
      requestId: this.requestId,
      clientAddress: addressOf(request),
      encrypted: (request.socket as Partial<TLSSocket>).encrypted === true,
      publicOrigin: this.context.options.publicOrigin,
      prefix: match.prefix,
      bodyBytes,
      takesBytes,
    });
  }

  private write(answer: PluginAnswer): void {
    const { response } = this.incoming;
    this.writeHead(answer.status, answer.headers);
    this.bytes = answer.bytes;
    if (answer.body === undefined) response.end();
    else response.end(answer.body);
    // a client that reads nothing must not keep the answer in memory for ever; Node resets this with the next request
    if (response.writableLength > 0) response.setTimeout(this.context.options.sendIdleMs);
  }

  private writeHead(status: number, headers: string[]): void {
    try {
      this.incoming.response.writeHead(status, headers);
    } catch (error) {
      throw new AppError('plugin_error', 'The plugin answered with something that HTTP cannot carry.', {
        cause: error,
      });
    }
    this.status = status;
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

function declaredLength(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function wrongLength(): AppError {
  return new AppError('plugin_error', 'The plugin answered with a body that has not the length that it declared.');
}

/** The client's address as far as the host can tell: of the other end of the connection. */
function addressOf(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
