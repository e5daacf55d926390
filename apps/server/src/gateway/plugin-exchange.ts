import type { HttpRequestV1 } from '@toru/contracts';
import { AppError, Ending, requestIdOf, type CallerWatch, type Clock } from '../common';
import { admitCaller, findTarget, requireRunning } from './admission';
import type { RequestLimits } from '../plugins';
import type { StreamingChannel, StreamingRequest } from '../protocol';
import { AnswerWriter } from './answer-writer';
import { clientFacts, type ClientFacts } from './client-facts';
import type { ClientSide, RequestHead } from './client-side';
import type { EndlessStreams } from './endless-streams';
import { limitsOfOptions, type GatewayOptions } from './gateway-options';
import type { AccessLog, Caller, PluginTarget, RequestAuthenticator, RouteTable } from './gateway.ports';
import { pluginAnswer } from './plugin-answer';
import { pathForPlugin, type PluginRequest } from './plugin-request';
import { logUnforeseen, namingPlugin, replyProblem } from './problem-reply';
import { checkDeclaredLength, ClientGoneError, collectBody, hasBody, readBody, textBody } from './request-body';
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
  readonly client: ClientSide;
  /** Canonical, without query. */
  readonly path: string;
  readonly query: string;
  readonly match: PluginRequest;
}

/** What the access log says where the client left without an answer; never sent. */
export const CLIENT_CLOSED_REQUEST = 499;

const NO_HANDSHAKE = { handshake: false } as const;

/** Takes one request through: admit, read, send, answer, log. Sends it to the plugin once at most (faults 24). */
export class PluginExchange {
  private readonly head: RequestHead;
  private readonly requestId: string;
  private readonly startedAt: number;
  /** Aborted when the client has left, or with the reason why the exchange must not go on. */
  private readonly ending = new Ending();
  private hasLeft = false;
  private readonly writer: AnswerWriter;
  private target: PluginTarget | undefined;
  private caller: Caller | undefined;
  private status = CLIENT_CLOSED_REQUEST;
  /** Length of the request's body, where it was read whole; one that is streamed is counted by its watch. */
  private bodyBytes = 0;
  private upload: UploadWatch | undefined;

  constructor(
    private readonly context: ExchangeContext,
    private readonly incoming: IncomingPluginRequest,
    private readonly onClose: () => void,
  ) {
    const { client } = incoming;
    this.head = client.head;
    this.requestId = requestIdOf(client.head);
    this.startedAt = context.clock.monotonic();
    this.writer = new AnswerWriter(client, {
      requestId: this.requestId,
      sendIdleMs: context.options.sendIdleMs,
      clock: context.clock,
      endless: context.endless,
      lingerMs: context.options.lingerMs,
    });
    client.whenClosed(() => {
      this.close();
    });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    let leave: ((answered: boolean) => void) | undefined;
    let answered = false;
    try {
      const admitted = this.admit();
      this.caller = admitted instanceof Promise ? await admitted : admitted;
      const target = this.requireTarget();
      // it counts from when the plugin is given it: who waits for a turn has not met its crash
      const onGiven = (): void => {
        leave = target.enter?.(this.method, this.incoming.match.rest === '' ? '/' : this.incoming.match.rest);
      };
      const { stream } = target;
      if (stream === undefined) await this.runWhole(target, onGiven);
      else await this.runStreaming(target, stream, onGiven);
      answered = true;
    } catch (error) {
      this.fail(error);
    } finally {
      leave?.(answered);
    }
  }

  private get method(): string {
    return this.head.method ?? 'GET';
  }

  private admit(): Caller | undefined | Promise<Caller | undefined> {
    const { routes, authenticator } = this.context;
    const { match } = this.incoming;
    this.target = findTarget(routes, match);
    this.target?.meter?.begin();
    return admitCaller(authenticator, this.head, this.target, match.rest, NO_HANDSHAKE);
  }

  private requireTarget(): PluginTarget {
    const { match } = this.incoming;
    const target = requireRunning(this.target, match, this.caller !== undefined);
    target.quarantine?.check(this.method, match.rest);
    return target;
  }

  private limitsOf(target: PluginTarget, streams: boolean): RequestLimits {
    const limits = target.limits?.(this.incoming.match.rest) ?? limitsOfOptions(this.context.options, streams);
    checkDeclaredLength(this.head, limits.maxBodyBytes);
    return limits;
  }

  /** Version 1: texts. */
  private async runWhole(target: PluginTarget, onGiven: () => void): Promise<void> {
    const limits = this.limitsOf(target, false);
    const body = await this.readBody(limits);
    const response = await target.send(this.toPluginRequest(target, body), {
      signal: this.ending,
      requestId: this.requestId,
      deadlineMs: limits.firstByteMs,
      places: limits,
      onGiven,
    });
    if (!this.hasLeft) this.writer.write(pluginAnswer(response, this.method, this.requestId));
  }

  /** The body, where its client collects it. */
  private collect(): Promise<Buffer | undefined> {
    return collectBody(this.incoming.client, this.context.options.requestTimeoutMs);
  }

  private async readBody({ maxBodyBytes }: RequestLimits): Promise<Buffer | null> {
    const { client } = this.incoming;
    if (!hasBody(client.head)) return null;
    let body = client.body === undefined ? await this.collect() : client.body;
    if (body === undefined) {
      const { response } = client;
      if (client.expectsContinue) response.writeContinue();
      body = await readBody(response.req, maxBodyBytes, this.context.options.requestTimeoutMs);
    }
    this.bodyBytes = body?.length ?? 0;
    return body;
  }

  /** Version 2: bytes both ways, streamed where they are many (PRO-7, RTE-6). */
  private async runStreaming(target: PluginTarget, channel: StreamingChannel, onGiven: () => void): Promise<void> {
    const limits = this.limitsOf(target, true);
    const body = hasBody(this.head) ? await this.streamedBody(limits) : null;
    const stopWatching = this.watchCaller();
    try {
      const answer = await channel.forward(this.toStreamingRequest(target, body), {
        requestId: this.requestId,
        signal: this.ending,
        places: limits,
        deadlineMs: this.upload === undefined ? limits.firstByteMs : Infinity,
        onGiven: () => {
          onGiven();
          this.upload?.begin();
        },
      });
      // an answer has begun: how long it takes, and the rest of the body with it, is between client and plugin
      this.upload?.end();
      if (!this.hasLeft && this.ending.aborted) {
        if (!(answer.body instanceof Uint8Array)) answer.body?.cancel();
        throw this.ending.reason;
      }
      const written = this.writer.writeStreamed(answer, limits.idleMs);
      if (written !== undefined) await written;
    } finally {
      stopWatching?.();
      this.upload?.end();
    }
  }

  private async streamedBody(limits: RequestLimits): Promise<StreamingRequest['body']> {
    const { client } = this.incoming;
    const whole = client.body === undefined ? await this.collect() : client.body;
    if (whole !== undefined) {
      this.bodyBytes = whole?.length ?? 0;
      return whole;
    }
    const { response, expectsContinue } = client;
    const upload = new UploadWatch(this.context.clock, limits.firstByteMs, this.stop);
    const body = await streamedBody(response.req, upload, {
      ...{ limit: limits.maxBodyBytes, timeoutMs: this.context.options.requestTimeoutMs },
      onStart: () => {
        if (expectsContinue) response.writeContinue();
      },
    });
    if (body === null || body instanceof Uint8Array) this.bodyBytes = body?.length ?? 0;
    else this.upload = upload;
    return body;
  }

  private toStreamingRequest(target: PluginTarget, body: StreamingRequest['body']): StreamingRequest {
    const { match, query } = this.incoming;
    const { caller } = this;
    const client = this.clientFacts();
    const bodyBytes = body === null || body instanceof Uint8Array ? body?.length : declaredLength(this.head);
    return {
      method: this.method,
      path: pathForPlugin(match, target.route, query),
      base: match.form === 'page' ? target.route : '',
      headers: this.headers(client, bodyBytes, true),
      user: caller === undefined ? null : { id: caller.id, name: caller.name, role: caller.role },
      remote: client.address,
      body,
    };
  }

  /** What is streamed may take for ever, and must end with the caller's session or token (faults 27). */
  private watchCaller(): (() => void) | undefined {
    if (this.caller === undefined) return undefined;
    const { authenticator, callers } = this.context;
    return callers.watch(() => authenticator.admit(this.head, NO_HANDSHAKE), this.stop);
  }

  /** What has not begun is answered with the reason; what has can only end with its connection. */
  private readonly stop = (reason: Error): void => {
    this.ending.abort(reason);
    const { client } = this.incoming;
    if (client.hasBegun) client.cut();
  };

  private toPluginRequest(target: PluginTarget, body: Buffer | null): HttpRequestV1 {
    const { match, query } = this.incoming;
    return {
      method: this.method,
      path: pathForPlugin(match, target.route, query),
      headers: this.headers(this.clientFacts(), body?.length, false),
      body: body === null ? null : textBody(body),
    };
  }

  private clientFacts(): ClientFacts {
    return clientFacts(this.head, this.context.options);
  }

  private headers(client: ClientFacts, bodyBytes: number | undefined, takesBytes: boolean): RequestHeaders {
    const { match } = this.incoming;
    return requestHeaders(this.head.rawHeaders, {
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
    replyProblem(this.incoming.client.response, error, this.context.clock, this.context.options.lingerMs);
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
      method: this.method,
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

function declaredLength(request: RequestHead): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
