import { ED25519_VECTORS } from './ed25519-vectors';
import { HMAC_VECTORS } from './hmac-vectors';
import { verdictOf } from './verdict-of';

/** A program of its own: prints what it says of each vector, in the time zone that it was started in, and that zone's offset. */
const verdicts = [...HMAC_VECTORS, ...ED25519_VECTORS].map((vector) => {
  const verdict = verdictOf(vector);
  return verdict.ok ? 'ok' : verdict.reason;
});
process.stdout.write(JSON.stringify({ offset: new Date('2026-12-31T12:00:00Z').getTimezoneOffset(), verdicts }));
