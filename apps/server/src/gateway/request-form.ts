import type { IncomingMessage } from 'node:http';

/**
 * What Node reads although it should not be served, or undefined: other versions than HTTP/1, and bodies in a coding that
 * nobody here decodes, so that whoever gets them would take them for something else (faults 19).
 */
export function refusedForm({ httpVersionMajor, httpVersionMinor, headers }: IncomingMessage): string | undefined {
  if (httpVersionMajor !== 1) return 'another version than HTTP/1';
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (httpVersionMinor === 0) return 'chunks, which HTTP/1.0 does not have';
  // what does not end in chunks is refused by Node, which cannot tell where it ends
  return /[\s,]chunked\s*$/i.test(coding) ? 'a transfer coding other than chunked' : undefined;
}
