const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Lets a valid W3C trace context through, and begins a trace where there is none: its id is the request's, without the
 * dashes, so that traces and logs are found by one id. It is marked as sampled, because a tracer that follows its parent
 * would record nothing otherwise.
 * @param requestId a UUID
 */
export function addTraceContext(headers: Record<string, string>, requestId: string): void {
  const { traceparent } = headers;
  if (traceparent !== undefined && TRACEPARENT.test(traceparent)) return;
  if ('tracestate' in headers) delete headers['tracestate'];
  const parent = requestId.slice(19, 23) + requestId.slice(24);
  const trace = requestId.slice(0, 8) + requestId.slice(9, 13) + requestId.slice(14, 18) + parent;
  headers['traceparent'] = `00-${trace}-${parent}-01`;
}
