import type { OutgoingResponse } from '@toru/protocol';
import { knownBody, LightResponse } from './fetch';
import { openBody, WebBody } from './web-body';

export interface ResponseMapping {
  /** Of the request. */
  readonly method: string;
  /** Aborts when event streams are to end, so that they hold up no shutdown; browsers come again. */
  readonly stopping: AbortSignal;
  /** The body failed after its head was sent. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * A response of the Fetch standard as the connection sends it: at once where the body is known, else with a promise, which
 * rejects with what its body fails with at once.
 */
export function toOutgoingResponse(
  response: Response,
  mapping: ResponseMapping,
): OutgoingResponse | Promise<OutgoingResponse> {
  const { status } = response;
  if (status < 200 || status > 599) throw new TypeError('Response.error() is no answer');
  const known = knownBody(response);
  if (known === undefined) return openResponse(response, mapping);
  const headers = LightResponse.partsOf(response)?.headers ?? toWireHeaders(response.headers);
  if (known.length === 0 || mapping.method === 'HEAD') return { status, headers };
  return { status, headers, body: known };
}

async function openResponse(response: Response, mapping: ResponseMapping): Promise<OutgoingResponse> {
  const { status } = response;
  const headers = toWireHeaders(response.headers);
  if (response.body === null) return { status, headers };
  if (mapping.method === 'HEAD') {
    await response.body.cancel();
    return { status, headers };
  }
  const body = await openBody(response.body);
  if (!(body instanceof WebBody)) return { status, headers, ...(body && { body }) };
  body.onFailed(mapping.onFailed);
  if (isEventStream(response)) endOnStop(body, mapping.stopping);
  return { status, headers, body };
}

function isEventStream({ headers }: Response): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(headers.get('content-type') ?? '');
}

function endOnStop(body: WebBody, stopping: AbortSignal): void {
  if (stopping.aborted) body.destroy();
  else stopping.addEventListener('abort', () => body.destroy(), { once: true });
}

function toWireHeaders(headers: Headers): ReadonlyMap<string, string | readonly string[]> {
  const result = new Map<string, string | readonly string[]>();
  for (const [name, value] of headers) if (name !== 'set-cookie') result.set(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) result.set('set-cookie', cookies);
  return result;
}
