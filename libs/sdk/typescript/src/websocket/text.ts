import { CloseCode } from './close-code';
import { WebSocketError } from './websocket-error';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a message or of a reason. Throws `WebSocketError` for what is not UTF-8. */
export function toText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new WebSocketError(CloseCode.invalidData, 'Text that is not UTF-8');
  }
}
