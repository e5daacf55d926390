import type { LicenceReason } from '../licence';
import type { LicenceVector } from './licence-vector';
import { verdictOf } from './verdict-of';

/** One letter for each flip. */
const LETTERS: Readonly<Record<'ok' | LicenceReason, string>> = {
  ok: '!',
  missing: '-',
  format: 'f',
  key: 'k',
  signature: 's',
  plugin: 'p',
  instance: 'i',
  expired: 'e',
  updates: 'u',
};
/** 16 bytes. */
const LINE = 128;

/** Of each byte of the key its bits from the lowest to the highest; every flip of the highest one is not ASCII any more. */
export function bitFlips(vector: LicenceVector): readonly string[] {
  const letters = Array.from(Buffer.from(vector.key)).flatMap((byte, at) =>
    Array.from({ length: 8 }, (_, bit) => {
      const bytes = Buffer.from(vector.key);
      bytes[at] = byte ^ (1 << bit);
      const verdict = verdictOf(vector, bytes.toString('latin1'));
      return LETTERS[verdict.ok ? 'ok' : verdict.reason];
    }),
  );
  return Array.from({ length: Math.ceil(letters.length / LINE) }, (_, line) =>
    letters.slice(line * LINE, (line + 1) * LINE).join(''),
  );
}
