import { ConnectionClosedError, KvRefusedError, RequestError, StreamError } from '@toru/protocol';
import { AppError } from '../common';

/** Why a request of version 2 has no answer, for whoever asked. */
export function toAppError(error: unknown, plugin: string): unknown {
  const as = (code: AppError['code'], detail: string, retryAfterSeconds?: number): AppError =>
    new AppError(code, detail, {
      plugin,
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  if (error instanceof RequestError) {
    switch (error.kind) {
      case 'timeout':
        return as('plugin_timeout', `${error.message}.`);
      case 'aborted':
        return error.cause;
      case 'too_many_requests':
        return as('plugin_busy', 'The plugin has as many requests open as it may have. Try again in a moment.', 1);
      case 'message_too_large':
        return as('payload_too_large', 'The request does not fit into one message to the plugin.');
      case 'not_ready':
        return as('plugin_unavailable', 'The plugin is not ready.', 1);
      case 'unusable_answer':
        return as('plugin_error', `The plugin answered with what the protocol does not allow: ${error.message}.`);
    }
  }
  if (error instanceof ConnectionClosedError) {
    return as('plugin_error', `The connection to the plugin ended while it handled the request. Its log may tell why.`);
  }
  if (error instanceof StreamError) return as('plugin_error', 'The plugin broke its answer off.');
  if (error instanceof KvRefusedError)
    return as('plugin_error', `The plugin refused the operation: ${error.message.slice(0, 300)}`);
  return error;
}

/** Whether a connection has ended for what the plugin sent, or sent half of; one that it merely closed has not. */
export function breaksProtocol(error: unknown): error is ConnectionClosedError {
  return error instanceof ConnectionClosedError && (error.reason === 'protocol' || error.reason === 'frame_timeout');
}
