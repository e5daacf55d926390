import { randomUUID } from 'node:crypto';

const ID = Symbol('request id');

/** Node's own requests, and what stands for them. */
interface RequestLike {
  readonly url?: string | undefined;
  [ID]?: string;
}

/** The id of a request: made by the host on the first call, the same ever after. A client's own id is never taken. */
export function requestIdOf(request: RequestLike): string {
  return (request[ID] ??= randomUUID());
}

/** Two objects stand for the same request. */
export function shareRequestId(request: RequestLike, other: RequestLike): void {
  other[ID] = requestIdOf(request);
}
