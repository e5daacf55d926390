import type { ReceiveStream } from '@toru/protocol';
import { AppError } from '../common';
import type { StreamingResponse } from '../protocol';
import type { AnswerBody, ClientSide } from './client-side';
import { isEndless, type EndlessStreams } from './endless-streams';
import { endAfterRequest, isUnread, type LingerOptions } from './linger';
import { streamedHead, type PluginAnswer, type StreamedHead } from './plugin-answer';
import { pumpAnswer } from './streamed-answer';

export interface AnswerWriterOptions extends LingerOptions {
  readonly requestId: string;
  /** How long the client may read nothing of what waits for it, in milliseconds. */
  readonly sendIdleMs: number;
  /** Where answers are entered that have no end of their own. */
  readonly endless: EndlessStreams;
}

/** How soon the system asks a client that is sent nothing whether it is still there, in milliseconds. */
const KEEP_ALIVE_MS = 60_000;
const NO_BYTES = new Uint8Array(0);

/** Writes a plugin's answer to the client, and counts what it sends. */
export class AnswerWriter {
  /** Of the answer; undefined until its head is out. */
  status: number | undefined;
  /** Length of the body that was sent so far. */
  bytes = 0;
  /** The client may still be sending its request: the plugin has answered before it had all of it. */
  private isEarly = false;

  constructor(
    private readonly client: ClientSide,
    private readonly options: AnswerWriterOptions,
  ) {}

  private get method(): string {
    return this.client.head.method ?? 'GET';
  }

  /** @throws AppError `plugin_error` where HTTP cannot carry the answer; nothing is out then */
  write(answer: PluginAnswer): void {
    const { client } = this;
    const { status, headers, body } = answer;
    const { direct } = client;
    if (direct !== undefined) {
      // before, since the client may be done with it when it is out
      this.status = status;
      this.bytes = answer.bytes;
      direct.answer(status, headers, body);
      return;
    }
    const { response } = client;
    this.writeHead(status, headers);
    this.bytes = answer.bytes;
    this.end(body);
    // a client that reads nothing must not keep the answer in memory for ever; Node resets this with the next request
    if (response.writableLength > 0) response.setTimeout(this.options.sendIdleMs);
  }

  /**
   * Returns, or resolves, when all is out, or the client has left.
   * @param idleMs how long nothing may come of the body, in milliseconds
   * @throws AppError `plugin_error` where HTTP cannot carry the answer; also as a rejection
   */
  writeStreamed(answer: StreamingResponse, idleMs: number): void | Promise<void> {
    const { body } = answer;
    if (body !== undefined && !(body instanceof Uint8Array)) return this.pump(answer, body, idleMs);
    if (!this.client.hasLeft) this.writeWhole(answer, body ?? NO_BYTES);
  }

  private writeWhole({ status, headers }: StreamingResponse, body: Uint8Array): void {
    const head = streamedHead({ status, headers }, this.method, this.options.requestId);
    if (head.bodiless) {
      this.write({ status, headers: head.headers, body: undefined, bytes: 0 });
      return;
    }
    if (head.declared === undefined) head.headers.push('content-length', String(body.length));
    else if (head.declared !== body.length) throw wrongLength();
    this.write({ status, headers: head.headers, body, bytes: body.length });
  }

  private async pump({ status, headers }: StreamingResponse, stream: ReceiveStream, idleMs: number): Promise<void> {
    const { client, method, options } = this;
    if (client.hasLeft) {
      stream.cancel();
      return;
    }
    try {
      const head = streamedHead({ status, headers }, method, options.requestId);
      if (head.bodiless) {
        stream.cancel();
        this.write({ status, headers: head.headers, body: undefined, bytes: 0 });
        return;
      }
      // one that has vanished without a word would hold a stream on which nothing is said for ever
      client.head.socket.setKeepAlive(true, KEEP_ALIVE_MS);
      await pumpAnswer(this.begin(head), stream, {
        declared: head.declared,
        sendIdleMs: options.sendIdleMs,
        idleMs,
        endless: isEndless(head.headers) ? options.endless : undefined,
        onBytes: (bytes) => {
          this.bytes += bytes;
        },
      });
    } catch (error) {
      stream.cancel();
      throw error;
    }
  }

  private begin({ status, headers, declared }: StreamedHead): AnswerBody {
    const { direct } = this.client;
    if (direct !== undefined) {
      this.status = status;
      return direct.begin(status, headers, declared !== undefined);
    }
    const { response } = this.client;
    this.writeHead(status, headers);
    response.flushHeaders();
    return {
      events: response,
      write: (piece) => response.write(piece),
      end: () => {
        this.end();
      },
    };
  }

  private end(body?: string | Uint8Array): void {
    const { response } = this.client;
    if (!this.isEarly) {
      response.end(body);
      return;
    }
    if (body === undefined) response.flushHeaders();
    else response.write(body);
    endAfterRequest(response, this.options);
  }

  private writeHead(status: number, headers: string[]): void {
    const { response } = this.client;
    this.isEarly = isUnread(response.req);
    if (this.isEarly) headers.push('connection', 'close');
    try {
      response.writeHead(status, headers);
    } catch (error) {
      throw new AppError('plugin_error', 'The plugin answered with something that HTTP cannot carry.', {
        cause: error,
      });
    }
    this.status = status;
  }
}

function wrongLength(): AppError {
  return new AppError('plugin_error', 'The plugin answered with a body that has not the length that it declared.');
}
