import type { SendStream } from './send-stream';

/**
 * The body of a request or an answer of our own: bytes (small ones go beside the head, larger ones as a stream), anything
 * that gives bytes piece by piece (a web stream, a Node stream, a generator), or a function that is given the stream after
 * the message that names it. What fails breaks the stream off with the code `internal`.
 */
export type OutgoingBody = Uint8Array | AsyncIterable<Uint8Array> | ((stream: SendStream) => void | Promise<void>);

/** A character of a string takes so many bytes of UTF-8 at most. */
const MAX_CHAR_BYTES = 3;

/** The bytes that go beside a head; undefined where there are too many, so that a stream is needed, or there is no body. */
export function inlineBytes(body: OutgoingBody | undefined, maxBytes: number): Uint8Array | undefined {
  return body instanceof Uint8Array && body.length <= maxBytes ? body : undefined;
}

/** Whether a text goes beside a head, whatever its characters are. */
export function isInlineText(text: string, maxBytes: number): boolean {
  return text.length * MAX_CHAR_BYTES <= maxBytes;
}

/** Sends a body on its stream. Never rejects: however it goes, the stream tells the other side. */
export async function pumpBody(body: OutgoingBody, stream: SendStream): Promise<void> {
  try {
    if (typeof body === 'function') {
      await body(stream);
      return;
    }
    if (body instanceof Uint8Array) await stream.write(body);
    else await pumpIterable(body, stream);
    stream.end();
  } catch {
    stream.abort({ code: 'internal', message: 'The body could not be sent to its end' });
  }
}

async function pumpIterable(body: AsyncIterable<Uint8Array>, stream: SendStream): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  // A source that waits for something would never learn that nobody wants it any more.
  stream.onClose((error) => {
    if (!error) return;
    if ('destroy' in body && typeof body.destroy === 'function') (body.destroy as () => void)();
    else void Promise.resolve(iterator.return?.()).catch(() => undefined);
  });
  for (;;) {
    const next = await iterator.next();
    if (next.done || stream.isOver) return;
    await stream.write(next.value);
  }
}

/** Lets go of a body that nobody will read. */
export function discardBody(body: OutgoingBody | undefined): void {
  if (body === undefined || body instanceof Uint8Array || typeof body === 'function') return;
  if ('destroy' in body && typeof body.destroy === 'function') (body.destroy as () => void)();
  else void Promise.resolve(body[Symbol.asyncIterator]().return?.()).catch(() => undefined);
}
