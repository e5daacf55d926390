import type { MessageV2 } from './message-v2';
import type { OutgoingBody } from './outgoing-body';
import { OwnRequest } from './own-requests';
import type { IncomingResponse } from './peer-options';
import type { SendStream } from './send-stream';

/** What a stream of a request that is given up is broken off with. */
export const CANCELLED = { code: 'cancelled', message: 'The request was cancelled' };

/** Understands the answers to HTTP requests. */
interface AnswerReader {
  /** Throws what the request is to be rejected with. */
  readAnswer(question: HttpQuestion, message: MessageV2, tail: Uint8Array | undefined): IncomingResponse;
}

/** A request of this side that is answered as a whole. */
export class Question extends OwnRequest {
  constructor(
    answeredBy: OwnRequest['answeredBy'],
    readonly onAnswer: (message: MessageV2) => void,
    readonly onFailed: (error: Error) => void,
  ) {
    super(answeredBy);
  }
}

/** An HTTP request that is open. */
export class HttpQuestion extends OwnRequest {
  /** That its body is sent on. */
  stream: SendStream | undefined = undefined;

  constructor(
    readonly type: 'http' | 'upgrade',
    readonly body: OutgoingBody | undefined,
    private readonly reader: AnswerReader,
    private readonly resolve: (response: IncomingResponse) => void,
    private readonly reject: (error: Error) => void,
  ) {
    super('http');
  }

  onAnswer(message: MessageV2, tail: Uint8Array | undefined): void {
    try {
      this.resolve(this.reader.readAnswer(this, message, tail));
    } catch (error) {
      this.reject(error as Error);
    }
  }

  onFailed(error: Error): void {
    this.stream?.abort(CANCELLED);
    this.reject(error);
  }
}
