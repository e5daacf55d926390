/** What can be wrong with a message: a stable code for counters and log lines. */
export type ProtocolErrorReason =
  | 'invalid_utf8'
  | 'byte_order_mark'
  | 'invalid_json'
  | 'too_deep'
  | 'too_many_values'
  | 'not_an_object'
  | 'invalid_envelope'
  | 'missing_request_id'
  | 'invalid_request_id'
  | 'request_id_mismatch'
  | 'unknown_request_id'
  | 'unexpected_message'
  | 'too_many_messages'
  | 'invalid_http_response'
  | 'invalid_status'
  | 'invalid_header'
  | 'headers_too_large'
  | 'body_not_text'
  | 'invalid_kv_request'
  | 'invalid_kv_answer'
  // Version 2.
  | 'duplicate_request_id'
  | 'too_many_requests'
  | 'body_ambiguous'
  | 'invalid_http_request'
  | 'invalid_lifecycle'
  | 'invalid_notification'
  | 'invalid_stream'
  | 'invalid_data'
  | 'unknown_stream'
  | 'too_many_streams'
  | 'window_exceeded';

/** The other side sent, or was about to be sent, what the protocol does not allow. The message quotes no data. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly reason: ProtocolErrorReason,
    message: string,
  ) {
    super(message);
  }
}
