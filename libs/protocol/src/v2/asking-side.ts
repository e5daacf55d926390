import type { KvActionV2, KvAnswersV2, KvRequestV2 } from '@toru/contracts';
import { FrameError } from '../frame-error';
import { ProtocolError } from '../protocol-error';
import { RequestError, StreamError } from './connection-errors';
import type { ConnectionClosedError } from './connection-errors';
import { bodyOf, decodeHttpResponseV2 } from './http-v2';
import type { BodyPlace, RequestHead } from './http-v2';
import { decodeKvAnswerV2 } from './kv-v2';
import type { MessageV2 } from './message-v2';
import { discardBody, inlineBytes, pumpBody } from './outgoing-body';
import type { OutgoingBody } from './outgoing-body';
import { OwnRequests } from './own-requests';
import type { OwnRequest, RequestOptions } from './own-requests';
import type { PeerLink } from './peer-link';
import type { IncomingResponse } from './peer-options';
import { CANCELLED, HttpQuestion, Question } from './question';
import type { SendStream } from './send-stream';
import type { StreamTable } from './stream-table';

const ANSWERED = { code: 'answered', message: 'The answer is complete' };

export interface HttpOptions extends RequestOptions {
  readonly body?: OutgoingBody;
}

/** Asks the other side (protocol v2 §4, §5, §7, §8, §10). Whether it may already is for the connection to say. */
export class AskingSide {
  readonly #own: OwnRequests;

  constructor(
    private readonly link: PeerLink,
    private readonly streams: StreamTable,
  ) {
    this.#own = new OwnRequests((number) => link.sendJson({ type: 'cancel', request_id: String(number) }));
  }

  /** How many requests are open. */
  get size(): number {
    return this.#own.size;
  }

  http(type: 'http' | 'upgrade', head: RequestHead, options: HttpOptions): Promise<IncomingResponse> {
    return new Promise((resolve, reject) => {
      const question = new HttpQuestion(type, options.body, this, resolve, reject);
      this.#own.add(question, options);
      const { outbox } = this.link;
      if (outbox.takesMore) this.#sendHttp(head, question);
      else this.#sendLater(head, question);
    });
  }

  #sendLater(head: RequestHead, question: HttpQuestion): void {
    this.link.outbox.whenWritable(() => {
      if (this.#isWanted(question)) this.#sendHttp(head, question);
      else discardBody(question.body);
    });
  }

  #sendHttp(head: RequestHead, question: HttpQuestion): void {
    const { type, body } = question;
    const bytes = type === 'upgrade' ? undefined : inlineBytes(body, this.streams.maxInlineBytes);
    try {
      if (body === undefined || bytes) this.#sendRequest(head, question, undefined, bytes);
      else this.#sendStreamed(head, question, body);
    } catch (error) {
      discardBody(body);
      this.#dropUnsent(question, error);
    }
  }

  #sendStreamed(head: RequestHead, question: HttpQuestion, body: OutgoingBody): void {
    if (!this.streams.canOpen) throw new RequestError('too_many_requests', 'As many streams as may be are open');
    const stream = this.streams.open();
    question.stream = stream;
    try {
      this.#sendRequest(head, question, stream.id);
    } catch (error) {
      stream.fail(new StreamError('internal', 'The request could not be sent'));
      throw error;
    }
    void pumpBody(body, stream);
  }

  #sendRequest(head: RequestHead, question: HttpQuestion, stream?: number, tail?: Uint8Array): void {
    const { heads, outbox } = this.link;
    question.isSent = true;
    outbox.send(heads.request(question.type, question.number, head, stream), tail);
  }

  kv<A extends KvActionV2>(
    request: Extract<KvRequestV2, { action: A }>,
    options: RequestOptions,
  ): Promise<KvAnswersV2[A]> {
    return new Promise((resolve, reject) => {
      const question = new Question(
        'kv',
        ({ payload }) => {
          try {
            resolve(decodeKvAnswerV2<A>(request.action, payload));
          } catch (cause) {
            reject(cause instanceof ProtocolError ? unusable(cause) : (cause as Error));
          }
        },
        reject,
      );
      this.#own.add(question, options);
      this.link.outbox.whenWritable(() => {
        if (!this.#isWanted(question)) return;
        try {
          question.isSent = true;
          this.link.sendJson({ type: 'kv', request_id: String(question.number), payload: request });
        } catch (error) {
          this.#dropUnsent(question, error);
        }
      });
    });
  }

  ping(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const question = new Question('pong', () => resolve(), reject);
      this.#own.add(question, { deadlineMs: timeoutMs });
      question.isSent = true;
      this.link.sendJson({ type: 'ping', request_id: String(question.number) });
    });
  }

  /** Handles an answer. Throws `ProtocolError`. */
  receive(message: MessageV2, tail: Uint8Array | undefined): void {
    const isWanted = this.#own.answer(message, tail);
    if (isWanted || message.type !== 'http' || message.known) return;
    // An answer to a cancelled request: its stream is not wanted either.
    const stream = streamNamedBy(message);
    if (stream !== undefined) this.streams.refuse(stream, CANCELLED.code, CANCELLED.message);
  }

  failAll(error: ConnectionClosedError): void {
    this.#own.failAll(error);
  }

  /** Whether a request whose turn has come was not given up meanwhile. */
  #isWanted(request: OwnRequest): boolean {
    return this.#own.isOpen(request) && !this.link.error;
  }

  #dropUnsent(request: OwnRequest, cause: unknown): void {
    const error = cause instanceof FrameError ? new RequestError('message_too_large', cause.message, { cause }) : cause;
    this.#own.drop(request, error as Error);
  }

  /** Reads the answer to a question. What breaks the protocol closes the connection, and fails this request with it. */
  readAnswer(
    { type, stream }: Pick<HttpQuestion, 'type' | 'stream'>,
    message: MessageV2,
    tail: Uint8Array | undefined,
  ): IncomingResponse {
    const { known } = message;
    if (known?.kind === 'response') {
      stream?.abort(ANSWERED);
      const { status, headers } = known.head;
      return { status, headers, body: tail?.length === 0 ? undefined : tail, requestStream: stream };
    }
    try {
      return this.#readResponse(type, message, tail, stream);
    } catch (error) {
      stream?.abort(CANCELLED);
      if (error instanceof RequestError) throw error;
      this.link.breakOff(error);
      throw this.link.error ?? error;
    }
  }

  /** Throws `RequestError` `unusable_answer` for what concerns this request alone, else `ProtocolError`. */
  #readResponse(
    type: 'http' | 'upgrade',
    { payload }: MessageV2,
    tail: Uint8Array | undefined,
    requestStream: SendStream | undefined,
  ): IncomingResponse {
    let place: BodyPlace;
    try {
      place = bodyOf(payload, tail, 0);
    } catch (error) {
      throw error instanceof ProtocolError && error.reason === 'body_not_text' ? unusable(error) : error;
    }
    let head;
    try {
      head = decodeHttpResponseV2(payload, type === 'upgrade');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (place.stream !== undefined) this.streams.refuse(place.stream, 'unusable', error.message);
      throw unusable(error);
    }
    const stream = place.stream === undefined ? undefined : this.streams.accept(place.stream);
    if (head.status === 101) {
      if (!stream) throw new ProtocolError('invalid_stream', 'An answer with status 101 needs a stream');
    } else if (stream) {
      stream.onClose((error) => requestStream?.abort(error ? CANCELLED : ANSWERED));
    } else {
      requestStream?.abort(ANSWERED);
    }
    return { ...head, body: stream ?? place.bytes, requestStream };
  }
}

/** Throws `ProtocolError` for what no answer may say. A body that is no text means nothing to nobody. */
function streamNamedBy({ payload }: MessageV2): number | undefined {
  try {
    return bodyOf(payload, undefined, 0).stream;
  } catch (error) {
    if (error instanceof ProtocolError && error.reason === 'body_not_text') return undefined;
    throw error;
  }
}

function unusable(cause: ProtocolError): RequestError {
  return new RequestError('unusable_answer', cause.message, { cause });
}
