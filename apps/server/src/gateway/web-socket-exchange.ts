import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, requestIdOf } from '../common';
import type { RequestLimits } from '../plugins';
import type { Tunnel, UpgradeResponse } from '../protocol';
import { admitCaller, findTarget, requireRunning } from './admission';
import { AnswerWriter } from './answer-writer';
import { clientFacts } from './client-facts';
import { NodeClient } from './client-side';
import { limitsOfOptions } from './gateway-options';
import type { Caller, PluginTarget } from './gateway.ports';
import { inFlight } from './in-flight';
import { CLIENT_CLOSED_REQUEST, type ExchangeContext } from './plugin-exchange';
import { pathForPlugin, type PluginRequest } from './plugin-request';
import { logUnforeseen, namingPlugin, replyProblem } from './problem-reply';
import { requestHeaders } from './request-headers';
import { responseHeaders } from './response-headers';
import { runTunnel } from './socket-tunnel';

/** One WebSocket handshake, already recognised as a plugin's. */
export interface IncomingHandshake {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the handshake already. */
  readonly head: Buffer;
  /** Canonical, without query. */
  readonly path: string;
  readonly query: string;
  readonly match: PluginRequest;
}

/**
 * Takes one WebSocket through: admit, ask the plugin, carry its bytes, log (RTE-6). Whatever refuses it is sent as an
 * ordinary answer, after which the connection is closed.
 */
export class WebSocketExchange {
  private readonly requestId: string;
  private readonly startedAt: number;
  private readonly departure = new AbortController();
  private readonly response: ServerResponse;
  private readonly writer: AnswerWriter;
  private target: PluginTarget | undefined;
  private caller: Caller | undefined;
  private status = CLIENT_CLOSED_REQUEST;
  private sent = 0;
  private received = 0;

  constructor(
    private readonly context: ExchangeContext,
    private readonly incoming: IncomingHandshake,
    private readonly onClose: () => void,
  ) {
    const { request, socket } = incoming;
    this.requestId = requestIdOf(request);
    this.startedAt = context.clock.monotonic();
    this.response = closingResponse(request, socket, context);
    this.writer = new AnswerWriter(new NodeClient(this.response, false), {
      requestId: this.requestId,
      sendIdleMs: context.options.sendIdleMs,
      clock: context.clock,
      endless: context.endless,
      lingerMs: context.options.lingerMs,
    });
    // what breaks a connection is followed by its end, which is what counts
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.close();
    });
  }

  /** Ends the WebSocket, open or not, at once. */
  readonly end = (): void => {
    this.incoming.socket.destroy();
  };

  /** Never rejects. */
  async run(): Promise<void> {
    const { request } = this.incoming;
    try {
      const target = await this.admit();
      const answer = await inFlight(target, this.incoming, (onGiven) => this.ask(target, onGiven));
      if (answer.tunnel === undefined) {
        await this.writer.writeStreamed(answer, this.limits.idleMs);
        return;
      }
      const stopWatching =
        this.caller === undefined
          ? undefined
          : this.context.callers.watch(() => this.context.authenticator.admit(request, { handshake: true }), this.end);
      await this.open(answer, answer.tunnel);
      stopWatching?.();
    } catch (error) {
      this.fail(error);
    }
  }

  private async admit(): Promise<PluginTarget> {
    const { routes, authenticator } = this.context;
    const { request, match } = this.incoming;
    this.target = findTarget(routes, match);
    this.target?.meter?.beginWebSocket();
    this.caller = await admitCaller(authenticator, request, this.target, match.rest, { handshake: true });
    const target = requireRunning(this.target, match, this.caller !== undefined);
    target.quarantine?.check(request.method ?? 'GET', match.rest);
    return target;
  }

  /** Of its path. */
  private get limits(): RequestLimits {
    return this.target?.limits?.(this.incoming.match.rest) ?? limitsOfOptions(this.context.options, true);
  }

  private async ask(target: PluginTarget, onGiven: () => void): Promise<UpgradeResponse> {
    const { request, match, query } = this.incoming;
    const { caller } = this;
    if (target.stream === undefined) {
      throw new AppError(
        'upgrade_unsupported',
        'This plugin speaks protocol version 1, which has no WebSockets. Version 2 has.',
      );
    }
    const client = clientFacts(request, this.context.options);
    return target.stream.upgrade(
      {
        method: request.method ?? 'GET',
        path: pathForPlugin(match, target.route, query),
        base: match.form === 'page' ? target.route : '',
        headers: requestHeaders(request.rawHeaders, {
          ...{ caller, client, requestId: this.requestId, prefix: match.prefix },
          ...{ bodyBytes: undefined, takesBytes: true, handshake: true },
        }),
        user: caller === undefined ? null : { id: caller.id, name: caller.name, role: caller.role },
        remote: client.address,
      },
      {
        requestId: this.requestId,
        signal: this.departure.signal,
        deadlineMs: this.limits.firstByteMs,
        onGiven,
      },
    );
  }

  private async open({ status, headers }: UpgradeResponse, tunnel: Tunnel): Promise<void> {
    const { socket, head } = this.incoming;
    try {
      const accepted = responseHeaders(headers, { requestId: this.requestId, contentType: undefined, accepts: true });
      socket.write(headOf(status, accepted.headers), 'latin1');
    } catch (error) {
      tunnel.toPlugin.abort({ code: 'unusable', message: 'The answer has headers that HTTP cannot carry' });
      tunnel.fromPlugin.cancel();
      throw error;
    }
    this.status = status;
    await runTunnel(socket, tunnel, {
      head,
      idleMs: this.context.options.sendIdleMs,
      silentMs: this.limits.webSocketIdleMs,
      onSent: (bytes) => {
        this.sent += bytes;
      },
      onReceived: (bytes) => {
        this.received += bytes;
      },
    });
  }

  private fail(thrown: unknown): void {
    if (this.departure.signal.aborted) return;
    const error = namingPlugin(thrown, this.target?.id);
    logUnforeseen(error, this.requestId);
    this.status = error instanceof AppError ? error.status : 500;
    replyProblem(this.response, error, this.context.clock, this.context.options.lingerMs);
  }

  private close(): void {
    const { accessLog, clock } = this.context;
    this.departure.abort();
    this.onClose();
    const status = this.writer.status ?? this.status;
    const durationMs = clock.monotonic() - this.startedAt;
    const sent = status === 101 ? this.sent : this.writer.bytes;
    this.target?.meter?.endWebSocket(status, durationMs, this.received, sent);
    accessLog.record({
      method: this.incoming.request.method ?? 'GET',
      path: this.incoming.path,
      plugin: this.target?.id ?? null,
      status,
      duration_ms: Math.round(durationMs),
      user: this.caller?.name ?? null,
      request_id: this.requestId,
      bytes: sent,
      ...(status === 101 ? { bytes_received: this.received } : {}),
    });
  }
}

function headOf(status: number, headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: Upgrade', 'upgrade: websocket'];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** An answer on a connection that Node's server has handed over: it closes the connection when it is out. */
function closingResponse(
  request: IncomingMessage,
  socket: Socket,
  { clock, options }: Pick<ExchangeContext, 'clock' | 'options'>,
): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on('drain', () => response.emit('drain'));
  response.once('finish', () => {
    // what the client still sends is read and thrown away for a while: closing on it would lose the answer
    socket.resume().end();
    const cancel = clock.setTimeout(() => socket.destroy(), options.lingerMs);
    socket.once('close', cancel);
  });
  return response;
}
