import { LightResponse } from './light-response';

/** Where Node 20 keeps the body of a response, with what it was made of beside its stream. */
const STATE = Object.getOwnPropertySymbols(new Response()).find(({ description }) => description === 'state');

/**
 * The body of a response that was made of a text or of bytes, taken without its stream. Undefined where there is none to
 * be taken so: a stream, a body that somebody has begun to read, or a version of Node that does not show it.
 */
export function knownBody(response: Response): string | Uint8Array | undefined {
  const light = LightResponse.partsOf(response);
  if (light) return light.body;
  if (STATE === undefined || response.bodyUsed || response.body?.locked !== false) return undefined;
  const { body } = (Reflect.get(response, STATE) ?? {}) as { readonly body?: { readonly source?: unknown } };
  const source = body?.source;
  return typeof source === 'string' || source instanceof Uint8Array ? source : undefined;
}
