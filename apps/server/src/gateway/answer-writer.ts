import type { ServerResponse } from 'node:http';
import type { ReceiveStream } from '@toru/protocol';
import { AppError } from '../common';
import type { StreamingResponse } from '../protocol';
import { isEndless, type EndlessStreams } from './endless-streams';
import { endAfterRequest, isUnread, type LingerOptions } from './linger';
import { endInOnePiece } from './one-piece';
import { streamedHead, type PluginAnswer } from './plugin-answer';
import { pumpAnswer } from './streamed-answer';

export interface AnswerWriterOptions extends LingerOptions {
  readonly requestId: string;
  /** How long the client may read nothing of what waits for it, in milliseconds. */
  readonly sendIdleMs: number;
  /** Where answers are entered that have no end of their own. */
  readonly endless: EndlessStreams;
}

/** A body up to this length is written as text: beyond, a copy costs more than a second piece. */
const TEXT_BYTES = 8 * 1024;
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
    private readonly response: ServerResponse,
    private readonly options: AnswerWriterOptions,
  ) {}

  private get method(): string {
    return this.response.req.method ?? 'GET';
  }

  /** @throws AppError `plugin_error` where HTTP cannot carry the answer; nothing is out then */
  write(answer: PluginAnswer): void {
    const { response } = this;
    this.writeHead(answer.status, answer.headers);
    this.bytes = answer.bytes;
    this.end(answer.body);
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
    if (!this.response.destroyed) this.writeWhole(answer, body ?? NO_BYTES);
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
    const { response, method, options } = this;
    if (response.destroyed) {
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
      this.writeHead(head.status, head.headers);
      response.flushHeaders();
      await pumpAnswer(response, stream, {
        declared: head.declared,
        sendIdleMs: options.sendIdleMs,
        idleMs,
        endless: isEndless(head.headers) ? options.endless : undefined,
        end: () => {
          this.end();
        },
        onBytes: (bytes) => {
          this.bytes += bytes;
        },
      });
    } catch (error) {
      stream.cancel();
      throw error;
    }
  }

  private end(body?: string | Uint8Array): void {
    const { response } = this;
    if (!this.isEarly) {
      if (body instanceof Uint8Array && body.length <= TEXT_BYTES) endInOnePiece(response, latin1(body));
      else response.end(body);
      return;
    }
    if (body === undefined) response.flushHeaders();
    else response.write(body);
    endAfterRequest(response, this.options);
  }

  private writeHead(status: number, headers: string[]): void {
    this.isEarly = isUnread(this.response.req);
    if (this.isEarly) headers.push('connection', 'close');
    try {
      this.response.writeHead(status, headers);
    } catch (error) {
      throw new AppError('plugin_error', 'The plugin answered with something that HTTP cannot carry.', {
        cause: error,
      });
    }
    this.status = status;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function wrongLength(): AppError {
  return new AppError('plugin_error', 'The plugin answered with a body that has not the length that it declared.');
}
