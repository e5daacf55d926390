/**
 * Every error that the REST API or the gateway can answer with: a stable code for programs, the HTTP status that goes
 * with it, and a title for people. The `detail` of each answer says what happened and what to do.
 */
export const ERRORS = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  malformed_path: { status: 400, title: 'The path is not in canonical form' },
  malformed_request: { status: 400, title: 'The request could not be read' },
  invalid_request: { status: 400, title: 'The operation is not valid' },
  kv_cursor_invalid: { status: 400, title: 'The cursor is not valid' },
  kv_key_invalid: { status: 400, title: 'The key is not valid' },
  kv_value_invalid: { status: 400, title: 'The value is not valid' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  invalid_credentials: { status: 401, title: 'User name or password is wrong' },
  forbidden: { status: 403, title: 'Not allowed' },
  csrf_refused: { status: 403, title: 'The request came from another site' },
  password_change_required: { status: 403, title: 'Change the password first' },
  not_found: { status: 404, title: 'Not found' },
  plugin_not_found: { status: 404, title: 'No such plugin' },
  plugin_disabled: { status: 404, title: 'The plugin is not enabled' },
  route_not_found: { status: 404, title: 'No plugin serves this route' },
  bundle_not_found: { status: 404, title: 'The plugin has no page' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  kv_conflict: { status: 409, title: 'The value has another revision' },
  plugin_invalid: { status: 409, title: 'The plugin is not valid' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  kv_value_too_large: { status: 413, title: 'The value is too large' },
  unsupported_body: { status: 415, title: 'The body cannot be carried' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  upgrade_unsupported: { status: 501, title: 'Upgrades are not supported' },
  plugin_error: { status: 502, title: 'The plugin failed' },
  plugin_start_failed: { status: 502, title: 'The plugin did not start' },
  plugin_unavailable: { status: 503, title: 'The plugin is not running' },
  route_quarantined: { status: 503, title: 'The route is in quarantine' },
  plugin_busy: { status: 503, title: 'The plugin is busy' },
  storage_unavailable: { status: 503, title: 'The storage is not available' },
  enabled_state_unusable: { status: 503, title: 'The enabled state cannot be saved' },
  not_ready: { status: 503, title: 'The host is not ready' },
  shutting_down: { status: 503, title: 'The host is shutting down' },
  plugin_timeout: { status: 504, title: 'The plugin did not answer in time' },
  kv_quota_exceeded: { status: 507, title: 'The storage of the plugin is full' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An RFC 9457 problem document: the body of every error answer, `application/problem+json`. */
export interface ProblemDetails {
  /** A URN for the kind of problem: `urn:toru:problem:<code>`. */
  type: string;
  title: string;
  status: number;
  /** What happened this time, and what to do about it. */
  detail: string;
  /** The path that was asked for, without its query. */
  instance: string;
  code: ErrorCode;
  request_id: string;
  /** The plugin concerned, where there is one. */
  plugin?: string;
  /** One entry for each input that is wrong. */
  errors?: readonly InputError[];
}

/** One input that is wrong: its name, with dots where it lies deeper (`name`, `page`), and what is wrong with it. */
export interface InputError {
  path: string;
  message: string;
}
