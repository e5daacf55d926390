export { decodeCanonical } from './base64';
export { dateOf, endOfDay, isCalendarDate } from './calendar-date';
export { daysLeft, isExpired } from './checks';
export {
  generateSigningKey,
  readSigningKey,
  signingKeyPem,
  type Ed25519PublicKey,
  type SigningKey,
} from './ed25519-keys';
export { issueEd25519Licence, verifyEd25519Licence, type Ed25519Check, type Ed25519Order } from './ed25519-licence';
export { issueHmacLicence, verifyHmacLicence, type HmacCheck, type HmacOrder, type HmacSecret } from './hmac-licence';
export { inspectLicence, type Inspection } from './inspect-licence';
export type { IssueResult } from './issue-result';
export { parseLicenceRequest, writeLicenceRequest, type LicenceRequest } from './licence-request';
export {
  isInstanceId,
  LICENCE_REASONS,
  type LicenceForm,
  type LicenceReason,
  type LicenceTerms,
  type Refusal,
  type Verdict,
} from './licence';
