/** Close codes of RFC 6455 §7.4 that the SDK itself sends or reports. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  /** Never sent: the other side closed without a code. */
  none: 1005,
  /** Never sent: the connection ended without a close frame. */
  abnormal: 1006,
  invalidData: 1007,
  messageTooBig: 1009,
  internalError: 1011,
} as const;

/** Up to here the codes are the standard's; of these some never travel, and others mean nothing yet. */
const STANDARD_MAX = 1014;
const NOT_ON_THE_WIRE: readonly number[] = [1004, CloseCode.none, CloseCode.abnormal];

/** Whether a close frame may carry the code: one of the standard's, a registered one (3000…) or a private one (4000…). */
export function mayBeSent(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return code >= CloseCode.normal && code <= STANDARD_MAX && !NOT_ON_THE_WIRE.includes(code);
}
