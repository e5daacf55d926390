import { MAX_OPEN_REQUESTS } from '@toru/contracts';
import { ProtocolError } from '../protocol-error';
import { StreamError } from './connection-errors';
import type { ConnectionClosedError } from './connection-errors';
import { bodyOf, decodeHttpRequestV2 } from './http-v2';
import type { DecodedRequest } from './http-v2';
import { IncomingRequest, Served } from './incoming-request';
import { decodeKvRequestV2 } from './kv-v2';
import { requestKeyOf } from './message-v2';
import type { MessageV2, RequestKey } from './message-v2';
import { discardBody, inlineBytes, isInlineText, pumpBody } from './outgoing-body';
import type { PeerLink } from './peer-link';
import type { OutgoingResponse, PeerHandlers } from './peer-options';
import type { ReceiveStream } from './receive-stream';
import { ServedRequests } from './served-requests';
import type { StreamTable } from './stream-table';

/**
 * Handlers that may be running, those of cancelled requests among them: who cancels does not get more than that. A handler
 * that goes on after its request was cancelled is not the other side's fault, so what is too much is refused with an answer.
 */
const MAX_RUNNING_HANDLERS = 2 * MAX_OPEN_REQUESTS;

const INTERNAL_ERROR: OutgoingResponse = { status: 500, headers: {} };
const BUSY: OutgoingResponse = { status: 503, headers: {} };
const KV_UNAVAILABLE = { error: { code: 'storage_unavailable', message: 'The operation could not be carried out' } };

/** Answers what the other side asks (protocol v2 §5, §7, §8, §10): each request once, unless it is cancelled before. */
export class ServingSide {
  readonly #served = new ServedRequests();
  #running = 0;
  #isBusyKnown = false;

  constructor(
    private readonly link: PeerLink,
    private readonly streams: StreamTable,
    private readonly handlers: PeerHandlers,
  ) {}

  /** How many requests are open. */
  get size(): number {
    return this.#served.size;
  }

  /** Takes up `http` or `upgrade`. Throws `ProtocolError`. */
  http(message: MessageV2, tail: Uint8Array | undefined): void {
    const key = this.#admit(message);
    const { known } = message;
    if (known?.kind === 'request') {
      this.#serve(key, known.head, false, undefined, tail?.length === 0 ? undefined : tail);
      return;
    }
    const upgrade = message.type === 'upgrade';
    const place = bodyOf(message.payload, tail, 1);
    if (upgrade && place.stream === undefined) {
      throw new ProtocolError('invalid_stream', 'An upgrade needs a stream');
    }
    const head = decodeHttpRequestV2(message.payload);
    const stream = place.stream === undefined ? undefined : this.streams.accept(place.stream);
    this.#serve(key, head, upgrade, stream, place.bytes);
  }

  #serve(
    key: RequestKey,
    head: DecodedRequest,
    upgrade: boolean,
    stream: ReceiveStream | undefined,
    bytes: Uint8Array | undefined,
  ): void {
    const served = new Served(key, stream);
    this.#served.add(served);
    void this.#serveHttp(served, new IncomingRequest(head, served, upgrade, stream ?? bytes));
  }

  /** Runs the handler, beginning now, and answers. Never rejects. */
  async #serveHttp(served: Served, request: IncomingRequest): Promise<void> {
    let response: OutgoingResponse | undefined;
    if (this.#isBusy(served)) {
      response = BUSY;
    } else {
      this.#running += 1;
      try {
        response = await this.handlers.http?.(request);
      } catch (error) {
        this.handlers.failed?.(error, served.requestId);
      }
      this.#running -= 1;
    }
    const answer = response ?? INTERNAL_ERROR;
    const { outbox } = this.link;
    if (outbox.takesMore) this.#answerHttp(served, answer);
    else outbox.whenWritable(() => this.#answerHttp(served, answer));
  }

  /** Takes up a `kv` request. Throws `ProtocolError` where not even its envelope is right. */
  kv(message: MessageV2): void {
    const served = new Served(this.#admit(message), undefined);
    this.#served.add(served);
    const handle = () => {
      try {
        const request = decodeKvRequestV2(message.payload);
        return this.handlers.kv?.(request, served) ?? KV_UNAVAILABLE;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return { error: { code: 'invalid_request', message: error.message } };
      }
    };
    const answered = this.#isBusy(served) ? Promise.resolve(KV_UNAVAILABLE) : this.#run(served, handle, KV_UNAVAILABLE);
    void answered.then((payload) => {
      this.link.outbox.whenWritable(() => this.#answerKv(served, payload));
    });
  }

  /** Handles `cancel`; nothing happens if no request of that id is open. */
  cancel(message: MessageV2): void {
    const served = this.#served.get(requestKeyOf(message));
    if (served && this.#served.take(served)) served.abort(new StreamError('cancelled', 'The request was cancelled'));
  }

  failAll(error: ConnectionClosedError): void {
    for (const served of this.#served.takeAll()) served.abort(error);
  }

  /** Runs a handler, beginning now. Never rejects. */
  async #run<T>(served: Served, handle: () => T | Promise<T>, instead: T): Promise<T> {
    this.#running += 1;
    try {
      const result: T | undefined = await handle();
      return result ?? instead;
    } catch (error) {
      this.handlers.failed?.(error, served.requestId);
      return instead;
    } finally {
      this.#running -= 1;
    }
  }

  /** Whether no more handlers may begin; each time that it comes to that is told once. */
  #isBusy(served: Served): boolean {
    if (this.#running < MAX_RUNNING_HANDLERS) {
      if (this.#running < MAX_OPEN_REQUESTS) this.#isBusyKnown = false;
      return false;
    }
    if (!this.#isBusyKnown) {
      const message = `${MAX_RUNNING_HANDLERS} handlers are running, many of them for requests that were cancelled, so that more are refused: a handler should end when its request's signal aborts`;
      this.handlers.failed?.(new Error(message), served.requestId);
    }
    this.#isBusyKnown = true;
    return true;
  }

  #admit(message: MessageV2): RequestKey {
    const key = requestKeyOf(message);
    if (this.#served.get(key)) throw new ProtocolError('duplicate_request_id', 'A request with the id of an open one');
    if (this.#served.size >= MAX_OPEN_REQUESTS) {
      throw new ProtocolError('too_many_requests', `More than ${MAX_OPEN_REQUESTS} requests are open`);
    }
    return key;
  }

  #answerKv(served: Served, payload: object): void {
    // Nobody waits for it any more.
    if (!this.#served.take(served)) return;
    const { requestId } = served;
    const tooLarge = { error: { code: 'kv_value_too_large', message: 'The answer does not fit a frame' } };
    this.#sendOr(
      served,
      () => this.link.sendJson({ type: 'kv', request_id: requestId, payload }),
      () => this.link.sendJson({ type: 'kv', request_id: requestId, payload: tooLarge }),
    );
  }

  #answerHttp(served: Served, response: OutgoingResponse): void {
    const { body: given, status } = response;
    const { maxInlineBytes } = this.streams;
    const isInline = status !== 101 && typeof given === 'string' && isInlineText(given, maxInlineBytes);
    const text = isInline ? given : undefined;
    const body = typeof given !== 'string' ? given : text === undefined ? Buffer.from(given) : undefined;
    if (!this.#served.take(served)) {
      discardBody(body);
      return;
    }
    const bytes = status === 101 ? undefined : (text ?? inlineBytes(body, maxInlineBytes));
    if (body === undefined || bytes) {
      this.#sendOr(
        served,
        () => this.#sendResponse(served, response, undefined, bytes),
        () => this.#sendResponse(served, INTERNAL_ERROR),
      );
      return;
    }
    if (!this.streams.canOpen) {
      discardBody(body);
      this.#sendResponse(served, { status: 503, headers: {} });
      return;
    }
    const stream = this.streams.open();
    this.#sendOr(
      served,
      () => {
        this.#sendResponse(served, response, stream.id);
        stream.onClose((error) => error && served.abort(error));
        void pumpBody(body, stream);
      },
      () => {
        stream.fail(new StreamError('internal', 'The answer could not be sent'));
        discardBody(body);
        this.#sendResponse(served, INTERNAL_ERROR);
      },
    );
  }

  #sendResponse({ key }: Served, response: OutgoingResponse, stream?: number, tail?: Uint8Array | string): void {
    const { status, headers } = response;
    const { heads, outbox } = this.link;
    outbox.send(heads.response(key, status, headers, stream), tail);
  }

  /** Sends, or sends something else where that is too large for a frame, or has no JSON form. */
  #sendOr(served: Served, send: () => void, instead: () => void): void {
    try {
      send();
    } catch (error) {
      this.handlers.failed?.(error, served.requestId);
      instead();
    }
  }
}
