import type { JsonObject } from '@toru/contracts';
import { frame } from './frames';
import type { StreamFromPlugin } from './stream-from-plugin';

export interface RequestV2 {
  readonly type?: 'http' | 'upgrade';
  readonly method?: string;
  readonly path?: string;
  readonly base?: string;
  readonly headers?: JsonObject;
  readonly stream?: number;
  readonly body?: string;
  readonly tail?: Uint8Array;
  /** Chosen by the kit where it is absent. */
  readonly id?: string;
  /** Whether credit for the answer's stream is left to the check. */
  readonly holdCredit?: boolean;
  /** Fields that nobody knows. */
  readonly unknownFields?: JsonObject;
}

export interface AnswerV2 {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly stream: StreamFromPlugin | undefined;
  /** All of the body. */
  readonly bytes: () => Promise<Buffer>;
}

/** `HostV2.expectAnswer` with the same id waits for the answer. */
export function requestFrame(id: string, request: RequestV2): Buffer {
  const { type = 'http', method = 'GET', path = '/', base = '', headers = { accept: '*/*' }, tail } = request;
  const optional = {
    ...(request.stream !== undefined && { stream: request.stream }),
    ...(request.body !== undefined && { body: request.body }),
    ...request.unknownFields,
  };
  const user = { id: 'u1', name: 'conformance', role: 'admin' };
  const payload = { method, path, base, headers, user, remote: '127.0.0.1', ...optional };
  return frame({ type, request_id: id, payload, ...request.unknownFields }, tail);
}
