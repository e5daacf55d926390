import { randomUUID } from 'node:crypto';
import type { Envelope, HttpRequestV1, HttpResponseV1, JsonObject, KvAnswerV1, KvRequestV1 } from '@toru/contracts';
import {
  connectSocket,
  decodeHttpResponse,
  decodeKvAnswer,
  decodeKvRequest,
  decodeMessage,
  encodeHttpRequest,
  encodeInit,
  encodeKvAnswer,
  encodeKvRequest,
  encodeShutdown,
  FrameDecoder,
  isKvRequest,
  ProtocolError,
  type MessageV1,
} from '@toru/protocol';
import { CheckFailure, demand } from '../check-error';
import { frame, now } from './frames';
import type { MemoryKv } from './memory-kv';
import type { Observations } from './observations';
import type { Trace } from './trace';
import { WireConnection, type Frame } from './wire-connection';
import { within } from './within';

export interface HostV1Options {
  readonly socketPath: string;
  readonly timeoutMs: number;
  readonly trace: Trace;
  readonly kv: MemoryKv;
  readonly observations: Observations;
}

export interface ExchangeV1Options {
  /** Sends the frame in pieces of such lengths. */
  readonly pieces?: readonly number[];
  /** Fields that nobody knows, on every level. */
  readonly unknownFields?: JsonObject;
}

/** How long a plugin may take to close after `init` and `shutdown`, before the host does. */
const LINGER_MS = 250;

/** The host's part of version 1: each exchange on a connection of its own. Failures are `CheckFailure`s. */
export class HostV1 {
  constructor(private readonly options: HostV1Options) {}

  async exchange(request: Partial<HttpRequestV1>, how: ExchangeV1Options = {}): Promise<HttpResponseV1> {
    const id = randomUUID();
    const whole = { method: 'GET', path: '/', headers: { accept: '*/*' }, body: null, ...request };
    const envelope = withFields(encodeHttpRequest(id, whole, now()), how.unknownFields);
    const what = `no answer to ${whole.method} ${whole.path.slice(0, 100)}`;
    const answer = await this.#converse(frame(envelope), how.pieces, what, (message) => {
      if (message.type !== 'http') return undefined;
      demand(message.requestId !== undefined, 'the answer has no request_id');
      demand(message.requestId === id, 'the answer has the request_id of no open request');
      return decodeHttpResponse(message);
    });
    return answer;
  }

  /** Asks for a key that the plugin keeps itself (KV-8). */
  async askKv(request: KvRequestV1): Promise<KvAnswerV1> {
    const id = randomUUID();
    return this.#converse(frame(encodeKvRequest(id, request, now())), undefined, 'no answer to kv', (message) => {
      if (message.type !== 'kv' && message.type !== 'http') return undefined;
      demand(message.requestId === id, 'the kv answer has the request_id of no open request');
      return decodeKvAnswer(message);
    });
  }

  /** Resolves when `init` is delivered; with the number of frames that came back, which must be none. */
  async init(instanceId: string, logPath: string): Promise<number> {
    const init = { instance_id: instanceId, plugin_socket: this.options.socketPath, log_path: logPath };
    return this.deliver(frame(encodeInit(init, now())));
  }

  async shutdown(): Promise<void> {
    await this.deliver(frame(encodeShutdown(now())));
  }

  /** Sends bytes on a connection of their own and closes it. Resolves with the number of frames that came back. */
  async deliver(bytes: Uint8Array, lingerMs = LINGER_MS): Promise<number> {
    let frames = 0;
    const connection = await this.open(() => (frames += 1));
    connection.write(bytes);
    connection.endWriting();
    await within(connection.closed, lingerMs, '').catch(() => undefined);
    connection.destroy();
    return frames;
  }

  /** Sends bytes and closes at once, without waiting for anything. */
  async sendAndLeave(bytes: Uint8Array): Promise<void> {
    const connection = await this.open(() => undefined);
    await new Promise<void>((resolve) => {
      connection.write(bytes);
      setImmediate(resolve);
    });
    connection.destroy();
  }

  /** Rejects with `CheckFailure` where nobody accepts. */
  async open(onFrame: (frame: Frame) => void): Promise<WireConnection> {
    const { socketPath, timeoutMs: connectTimeoutMs, trace } = this.options;
    const socket = await connectSocket({ socketPath, connectTimeoutMs }).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
      throw new CheckFailure(`${error instanceof Error ? error.message : String(error)}${cause}`, { cause: error });
    });
    return new WireConnection(socket, { trace, onFrame, decoder: new FrameDecoder() });
  }

  /** One question on a connection of its own; kv requests of the plugin are answered meanwhile. */
  async #converse<T>(
    question: Buffer,
    pieces: readonly number[] | undefined,
    missing: string,
    read: (message: MessageV1) => T | undefined,
  ): Promise<T> {
    let settle: (answer: T) => void = () => undefined;
    let refuse: (error: unknown) => void = () => undefined;
    const answered = new Promise<T>((resolve, reject) => {
      settle = resolve;
      refuse = reject;
    });
    const connection = await this.open(({ json }) => {
      try {
        const message = decodeMessage(json);
        if (isKvRequest(message)) this.#serveKv(connection, message);
        else {
          const answer = read(message);
          if (answer !== undefined) settle(answer);
        }
      } catch (error) {
        refuse(error instanceof ProtocolError ? new CheckFailure(error.message, { cause: error }) : error);
      }
    });
    const lost = connection.closed.then((reason) => Promise.reject(new CheckFailure(`${missing}: ${reason}`)));
    try {
      if (pieces) await connection.writeInPieces(question, pieces);
      else connection.write(question);
      return await within(Promise.race([answered, lost]), this.options.timeoutMs, missing);
    } finally {
      answered.catch(() => undefined);
      lost.catch(() => undefined);
      connection.destroy();
    }
  }

  #serveKv(connection: WireConnection, message: MessageV1): void {
    const { kv, observations } = this.options;
    observations.saw('kv');
    try {
      demand(message.requestId !== undefined, 'a kv request has no request_id');
      const answer = kv.answerV1(decodeKvRequest(message));
      connection.write(frame(encodeKvAnswer(message.requestId, answer, now())));
    } catch (error) {
      observations.note('v1/kv-request', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}

/** The same message with fields that nobody knows, outside and inside. */
function withFields(envelope: Envelope, fields: JsonObject | undefined): object {
  if (!fields) return envelope;
  const outer = envelope.payload as { readonly payload: object };
  return { ...envelope, ...fields, payload: { ...outer, ...fields, payload: { ...outer.payload, ...fields } } };
}
