import type { Socket } from 'node:net';
import { DEFAULT_WINDOW_BYTES, FEATURES_V2, MAX_FRAME_BYTES } from '@toru/contracts';
import type { JsonObject } from '@toru/contracts';
import {
  asString,
  bodyOf,
  decodeEventV2,
  decodeHttpResponseV2,
  decodeLogV2,
  decodeMessageV2,
  FrameDecoderV2,
  isKvRequestV2,
  ProtocolError,
  requestIdOf,
  type MessageV2,
} from '@toru/protocol';
import { CheckFailure } from '../check-error';
import { streamNumberOf } from './data-fields';
import { frame, now } from './frames';
import { KvServerV2 } from './kv-server-v2';
import type { MemoryKv } from './memory-kv';
import type { Observations } from './observations';
import { OpenRequestsV2, type ReceivedV2, type RequestKindV2 } from './open-requests-v2';
import { requestFrame, type AnswerV2, type RequestV2 } from './request-v2';
import type { StreamToPlugin } from './stream-to-plugin';
import { StreamsV2 } from './streams-v2';
import type { Trace } from './trace';
import { WireConnection, type Frame } from './wire-connection';
import { within } from './within';

export interface HostV2Options {
  readonly timeoutMs: number;
  readonly trace: Trace;
  readonly kv: MemoryKv;
  readonly observations: Observations;
}

export const WINDOW = DEFAULT_WINDOW_BYTES;
/** A feature of versions to come. */
export const UNKNOWN_FEATURE = 'x-conformance';

/**
 * The host's part of version 2 on one connection. It reads whatever comes, serves `kv` and `ping`, and writes into the
 * observations what the plugin may not do. Failures are `CheckFailure`s.
 */
export class HostV2 {
  readonly #requests: OpenRequestsV2;
  readonly #streams: StreamsV2;
  readonly #kvServer: KvServerV2;
  readonly greeting: Promise<MessageV2>;
  #greet: (message: MessageV2) => void = () => undefined;
  #greeted = false;
  #nextId = 1;

  private readonly decoder = new FrameDecoderV2();
  private readonly connection: WireConnection;

  constructor(
    socket: Socket,
    private readonly options: HostV2Options,
  ) {
    this.greeting = new Promise((resolve) => (this.#greet = resolve));
    const { decoder } = this;
    const onFrame = (received: Frame): void => this.#receive(received);
    this.connection = new WireConnection(socket, { trace: options.trace, decoder, onFrame });
    const send = (payload: JsonObject, tail?: Uint8Array): void => this.send({ type: 'data', payload }, tail);
    this.#requests = new OpenRequestsV2(options.observations);
    this.#kvServer = new KvServerV2(options.kv, options.observations, (message) => this.send(message));
    this.#streams = new StreamsV2(WINDOW, send, options.observations);
    void this.closed.then((reason) => this.#streams.lose(reason));
  }

  get closed(): Promise<string> {
    return this.connection.closed;
  }

  get closedReason(): string | undefined {
    return this.connection.closedReason;
  }

  destroy(): void {
    this.connection.destroy();
  }

  sendInit(init: JsonObject): void {
    const limits = { max_frame: MAX_FRAME_BYTES, window: WINDOW };
    const features = [...FEATURES_V2, UNKNOWN_FEATURE];
    const payload = { protocol: 2, features, limits, license_key: null, x_unknown: { deep: [null] }, ...init };
    this.lifecycle('init', payload);
  }

  /** For a host whose `init` said less than the default. */
  limitTo(maxFrameBytes: number, window: number): void {
    this.decoder.limitTo(maxFrameBytes);
    this.#streams.window = window;
  }

  lifecycle(action: string, payload: JsonObject): void {
    this.send({ type: 'lifecycle', action, timestamp: now(), payload });
  }

  send(message: object, tail?: Uint8Array): void {
    this.connection.write(frame(message, tail));
  }

  write(bytes: Uint8Array): void {
    this.connection.write(bytes);
  }

  writeInPieces(bytes: Uint8Array, lengths: readonly number[]): Promise<void> {
    return this.connection.writeInPieces(bytes, lengths);
  }

  newId(): string {
    return `kit-${this.#nextId++}`;
  }

  async ask(request: RequestV2): Promise<AnswerV2> {
    const id = request.id ?? this.newId();
    const answer = this.expectAnswer(id, request);
    this.connection.write(requestFrame(id, request));
    return answer;
  }

  /** Waits for the answer to a request that the caller sends. */
  async expectAnswer(id: string, request: RequestV2): Promise<AnswerV2> {
    const { type = 'http', method = 'GET', path = '/', holdCredit = false } = request;
    const missing = `no answer to ${type === 'http' ? '' : 'the upgrade of '}${method} ${path.slice(0, 100)}`;
    const { message, tail } = await this.#await(id, type, missing, holdCredit);
    try {
      const { status, headers } = decodeHttpResponseV2(message.payload, type === 'upgrade');
      const place = bodyOf(message.payload, tail, 0);
      const stream = place.stream === undefined ? undefined : this.#streams.named(place.stream);
      const inline = Buffer.from(place.bytes ?? []);
      const bytes = (): Promise<Buffer> => stream?.bytes(this.options.timeoutMs) ?? Promise.resolve(inline);
      return { status, headers, stream, bytes };
    } catch (error) {
      throw error instanceof ProtocolError ? new CheckFailure(error.message, { cause: error }) : error;
    }
  }

  /** The cancelled requests that were answered all the same. */
  get answeredAfterCancel(): ReadonlySet<string> {
    return this.#requests.answeredAfterCancel;
  }

  /** Whether this request of ours has no answer yet. */
  isOpen(id: string): boolean {
    return this.#requests.find(id) !== undefined;
  }

  async ping(): Promise<void> {
    const id = this.newId();
    const pong = this.#await(id, 'ping', 'no pong');
    this.send({ type: 'ping', request_id: id });
    await pong;
  }

  async askKv(payload: JsonObject): Promise<JsonObject | undefined> {
    const id = this.newId();
    const answer = this.#await(id, 'kv', 'no answer to a kv request of the host');
    this.send({ type: 'kv', request_id: id, payload });
    return (await answer).message.payload;
  }

  openStream(): StreamToPlugin {
    return this.#streams.open();
  }

  /** @param before frames that go out in one piece with it */
  cancel(id: string, before: Uint8Array = Buffer.alloc(0)): void {
    this.#requests.cancel(id);
    this.write(Buffer.concat([before, frame({ type: 'cancel', request_id: id })]));
  }

  async #await(id: string, kind: RequestKindV2, missing: string, holdCredit = false): Promise<ReceivedV2> {
    const answer = this.#requests.answerTo(id, kind, holdCredit);
    const lost = this.closed.then((reason) => Promise.reject(new CheckFailure(`${missing}: ${reason}`)));
    lost.catch(() => undefined);
    return within(Promise.race([answer, lost]), this.options.timeoutMs, missing);
  }

  #receive({ json, tail }: Frame): void {
    const { observations } = this.options;
    try {
      const message = decodeMessageV2(json);
      observations.saw(message.type);
      this.#dispatch(message, { json, tail });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      observations.note('v2/messages', error.message);
    }
  }

  #dispatch(message: MessageV2, received: Frame): void {
    switch (message.type) {
      case 'lifecycle':
        this.#receiveLifecycle(message);
        break;
      case 'http':
      case 'pong':
        this.#receiveAnswer(message, received);
        break;
      case 'kv':
        if (isKvRequestV2(message.payload)) this.#kvServer.serve(message);
        else this.#receiveAnswer(message, received);
        break;
      case 'ping':
        this.send({ type: 'pong', request_id: requestIdOf(message) });
        break;
      case 'data':
        this.#streams.receive(message.payload, received.tail);
        break;
      case 'log':
        this.options.observations.look('v2/log', () => decodeLogV2(message.payload));
        break;
      case 'event':
        this.options.observations.look('v2/event', () => decodeEventV2(message.payload));
        break;
      case 'upgrade':
        this.options.observations.note('v2/messages', 'the plugin sent an upgrade, which only a host may');
        break;
      default:
      // cancel, and what nobody knows
    }
  }

  #receiveLifecycle(message: MessageV2): void {
    const action = asString(message.envelope, 'action') ?? '';
    if (this.#greeted || (action !== 'ready' && action !== 'failed')) {
      this.options.observations.note('v2/messages', `an unexpected lifecycle/${action.slice(0, 40)}`);
      return;
    }
    this.#greeted = true;
    if (action === 'ready') this.decoder.acceptTails();
    this.#greet(message);
  }

  #receiveAnswer(message: MessageV2, { json, tail }: Frame): void {
    const request = this.#requests.find(requestIdOf(message));
    const named = message.type === 'http' ? streamNumberOf(message.payload) : undefined;
    if (named !== undefined) {
      this.#streams.name(named, { wanted: request !== undefined, generous: !request?.holdCredit });
    }
    this.#requests.receive({ json, tail, message });
  }
}
