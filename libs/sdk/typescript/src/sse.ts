/** One event. `data` that is no string is sent as JSON. */
export interface ServerSentEvent {
  readonly data: unknown;
  /** The event's type; `message` in the browser where it is absent. */
  readonly event?: string;
  readonly id?: string;
  /** Milliseconds after which the browser comes again when the connection is gone. */
  readonly retry?: number;
}

export interface SseOptions {
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /** Milliseconds of silence after which a comment is sent, so that proxies keep the connection. 15,000 unless given. */
  readonly keepAliveMs?: number;
}

type Events = AsyncIterable<ServerSentEvent | string>;

const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = Buffer.from(':\n\n');

/**
 * Server-sent events, each sent when it is yielded and the client takes it. The function's signal aborts when the client
 * has left or the plugin ends; what the function throws after that is of no interest.
 */
export function sse(source: Events | ((signal: AbortSignal) => Events), options: SseOptions = {}): Response {
  const headers = new Headers(options.headers);
  headers.set('content-type', 'text/event-stream');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  const left = new AbortController();
  const events = typeof source === 'function' ? source(left.signal) : source;
  return new Response(eventStream(events, left, options.keepAliveMs ?? KEEP_ALIVE_MS), { headers });
}

function eventStream(events: Events, left: AbortController, keepAliveMs: number): ReadableStream {
  const iterator = events[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        timer = setInterval(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(KEEP_ALIVE);
        }, keepAliveMs).unref();
      },
      pull: async (controller) => {
        try {
          const next = await iterator.next();
          if (left.signal.aborted) return;
          timer?.refresh();
          if (!next.done) {
            controller.enqueue(Buffer.from(formatEvent(next.value)));
            return;
          }
          clearInterval(timer);
          controller.close();
        } catch (error) {
          clearInterval(timer);
          if (!left.signal.aborted) controller.error(error);
        }
      },
      cancel: () => {
        clearInterval(timer);
        left.abort();
        // Not waited for: a generator that waits for something returns when it goes on, if ever.
        Promise.resolve(iterator.return?.()).catch(() => undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** Throws `TypeError` for an `event` or `id` of several lines, and for data without a JSON form. */
export function formatEvent(given: ServerSentEvent | string): string {
  const { data, event, id, retry }: ServerSentEvent = typeof given === 'string' ? { data: given } : given;
  const text = typeof data === 'string' ? data : (JSON.stringify(data) as string | undefined);
  if (text === undefined) throw new TypeError('The data of an event must be text or have a JSON form');
  return [
    ...(event === undefined ? [] : [`event: ${singleLine('event', event)}`]),
    ...(id === undefined ? [] : [`id: ${singleLine('id', id)}`]),
    ...(retry === undefined ? [] : [`retry: ${Math.trunc(retry)}`]),
    ...text.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
    '\n',
  ].join('\n');
}

function singleLine(field: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError(`The ${field} of an event must be one line`);
  return value;
}
