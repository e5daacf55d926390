import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequestV1 } from '@toru/contracts';
import { AppError, requestIdOf, type CallerWatch, type Clock } from '../common';
import { admitCaller, findTarget, requireRunning } from './admission';
import type { RequestLimits } from '../plugins';
import type { StreamingChannel } from '../protocol';
import { AnswerWriter } from './answer-writer';
import { clientFacts, type ClientFacts } from './client-facts';
import type { EndlessStreams } from './endless-streams';
import { limitsOfOptions, type GatewayOptions } from './gateway-options';
import type { AccessLog, Caller, PluginTarget, RequestAuthenticator, RouteTable } from './gateway.ports';
import { inFlight } from './in-flight';
import { pluginAnswer } from './plugin-answer';
import { pathForPlugin, type PluginRequest } from './plugin-request';
import { logUnforeseen, namingPlugin, replyProblem } from './problem-reply';
import { checkDeclaredLength, ClientGoneError, hasBody, readBody, textBody } from './request-body';
import { requestHeaders, type RequestHeaders } from './request-headers';
import { streamedBody } from './streamed-body';
import { UploadWatch } from './upload-watch';

/** What every exchange shares. */
export interface ExchangeContext {
  readonly routes: RouteTable;
  readonly authenticator: RequestAuthenticator;
  readonly callers: CallerWatch;
  readonly accessLog: AccessLog;
  readonly clock: Clock;
  readonly options: GatewayOptions;
  readonly endless: EndlessStreams;
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
export const CLIENT_CLOSED_REQUEST = 499;

/** Takes one request through: admit, read, send, answer, log. Sends it to the plugin once at most (faults 24). */
export class PluginExchange {
  private readonly requestId: string;
  private readonly startedAt: number;
  /** Aborted when the client has left, or with the reason why the exchange must not go on. */
  private readonly ending = new AbortController();
  private hasLeft = false;
  private readonly writer: AnswerWriter;
  private target: PluginTarget | undefined;
  private caller: Caller | undefined;
  /** Of its path; known once there is a target. */
  private limits: RequestLimits;
  private status = CLIENT_CLOSED_REQUEST;
  /** Length of the request's body, where it was read whole; one that is streamed is counted by its watch. */
  private bodyBytes = 0;
  private upload: UploadWatch | undefined;

  constructor(
    private readonly context: ExchangeContext,
    private readonly incoming: IncomingPluginRequest,
    private readonly onClose: () => void,
  ) {
    this.requestId = requestIdOf(incoming.request);
    this.startedAt = context.clock.monotonic();
    this.limits = limitsOfOptions(context.options, false);
    this.writer = new AnswerWriter(incoming.response, {
      requestId: this.requestId,
      sendIdleMs: context.options.sendIdleMs,
      clock: context.clock,
      endless: context.endless,
      lingerMs: context.options.lingerMs,
    });
    incoming.response.once('close', () => {
      this.close();
    });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const target = await this.admit();
      if (target.stream !== undefined) {
        const { stream } = target;
        await inFlight(target, this.incoming, (onGiven) => this.runStreaming(target, stream, onGiven));
        return;
      }
      const body = await this.readBody();
      const response = await inFlight(target, this.incoming, (onGiven) =>
        target.send(this.toPluginRequest(target, body), {
          ...{ signal: this.ending.signal, requestId: this.requestId, onGiven },
          ...{ deadlineMs: this.limits.firstByteMs, places: this.limits },
        }),
      );
      if (!this.hasLeft) {
        this.writer.write(pluginAnswer(response, this.incoming.request.method ?? 'GET', this.requestId));
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private async admit(): Promise<PluginTarget> {
    const { routes, authenticator, options } = this.context;
    const { request, match } = this.incoming;
    this.target = findTarget(routes, match);
    this.target?.meter?.begin();
    this.caller = await admitCaller(authenticator, request, this.target, match.rest, { handshake: false });
    const target = requireRunning(this.target, match, this.caller !== undefined);
    target.quarantine?.check(request.method ?? 'GET', match.rest);
    this.limits = target.limits?.(match.rest) ?? limitsOfOptions(options, target.stream !== undefined);
    checkDeclaredLength(request, this.limits.maxBodyBytes);
    return target;
  }

  private async readBody(): Promise<Buffer | null> {
    const { request, response, expectsContinue } = this.incoming;
    if (!hasBody(request)) return null;
    if (expectsContinue) response.writeContinue();
    const body = await readBody(request, this.limits.maxBodyBytes, this.context.options.requestTimeoutMs);
    this.bodyBytes = body?.length ?? 0;
    return body;
  }

  /** Version 2: bytes both ways, streamed where they are many (PRO-7, RTE-6). */
  private async runStreaming(target: PluginTarget, channel: StreamingChannel, onGiven: () => void): Promise<void> {
    const { request, response, match, query, expectsContinue } = this.incoming;
    const { limits } = this;
    const upload = new UploadWatch(this.context.clock, limits.firstByteMs, this.stop);
    const body = await streamedBody(request, upload, {
      ...{ limit: limits.maxBodyBytes, timeoutMs: this.context.options.requestTimeoutMs },
      onStart: () => {
        if (expectsContinue) response.writeContinue();
      },
    });
    const streams = body !== null && !(body instanceof Uint8Array);
    if (streams) this.upload = upload;
    else this.bodyBytes = body?.length ?? 0;
    const stopWatching = this.watchCaller();
    try {
      const client = this.client();
      const answer = await channel.forward(
        {
          method: request.method ?? 'GET',
          path: pathForPlugin(match, target.route, query),
          base: match.form === 'page' ? target.route : '',
          headers: this.headers(client, streams ? declaredLength(request) : body?.length, true),
          user:
            this.caller === undefined ? null : { id: this.caller.id, name: this.caller.name, role: this.caller.role },
          remote: client.address,
          body,
        },
        {
          ...{ requestId: this.requestId, signal: this.ending.signal, places: limits },
          deadlineMs: streams ? Infinity : limits.firstByteMs,
          onGiven: () => {
            onGiven();
            if (streams) upload.begin();
          },
        },
      );
      // an answer has begun: how long it takes, and the rest of the body with it, is between client and plugin
      upload.end();
      if (!this.hasLeft && this.ending.signal.aborted) {
        if (!(answer.body instanceof Uint8Array)) answer.body?.cancel();
        throw this.ending.signal.reason;
      }
      await this.writer.writeStreamed(answer, limits.idleMs);
    } finally {
      stopWatching?.();
      upload.end();
    }
  }

  /** What is streamed may take for ever, and must end with the caller's session or token (faults 27). */
  private watchCaller(): (() => void) | undefined {
    if (this.caller === undefined) return undefined;
    const { authenticator, callers } = this.context;
    return callers.watch(() => authenticator.admit(this.incoming.request, { handshake: false }), this.stop);
  }

  /** What has not begun is answered with the reason; what has can only end with its connection. */
  private readonly stop = (reason: Error): void => {
    this.ending.abort(reason);
    if (this.incoming.response.headersSent) this.incoming.response.destroy();
  };

  private toPluginRequest(target: PluginTarget, body: Buffer | null): HttpRequestV1 {
    const { request, match, query } = this.incoming;
    return {
      method: request.method ?? 'GET',
      path: pathForPlugin(match, target.route, query),
      headers: this.headers(this.client(), body?.length, false),
      body: body === null ? null : textBody(body),
    };
  }

  private client(): ClientFacts {
    return clientFacts(this.incoming.request, this.context.options);
  }

  private headers(client: ClientFacts, bodyBytes: number | undefined, takesBytes: boolean): RequestHeaders {
    const { request, match } = this.incoming;
    return requestHeaders(request.rawHeaders, {
      caller: this.caller,
      requestId: this.requestId,
      client,
      prefix: match.prefix,
      bodyBytes,
      takesBytes,
    });
  }

  private fail(thrown: unknown): void {
    if (thrown instanceof ClientGoneError || this.hasLeft) return;
    const error = namingPlugin(thrown, this.target?.id);
    logUnforeseen(error, this.requestId);
    this.status = error instanceof AppError ? error.status : 500;
    replyProblem(this.incoming.response, error, this.context.clock, this.context.options.lingerMs);
  }

  private close(): void {
    const { accessLog, clock } = this.context;
    this.status = this.writer.status ?? this.status;
    this.hasLeft = this.status === CLIENT_CLOSED_REQUEST;
    if (this.hasLeft) this.ending.abort();
    this.onClose();
    const durationMs = clock.monotonic() - this.startedAt;
    const received = this.upload?.bytes ?? this.bodyBytes;
    this.target?.meter?.end(this.status, durationMs, received, this.writer.bytes);
    accessLog.record({
      method: this.incoming.request.method ?? 'GET',
      path: this.incoming.path,
      plugin: this.target?.id ?? null,
      status: this.status,
      duration_ms: Math.round(durationMs),
      user: this.caller?.name ?? null,
      request_id: this.requestId,
      bytes: this.writer.bytes,
    });
  }
}

function declaredLength(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
