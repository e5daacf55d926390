/** What looks like a credential, wherever a plugin has printed it: our own first, then the usual ones. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/\btsc_[\w-]{16,}/g, 'tsc_[redacted]'],
  [/\b(toru_session=)[^\s;,"']+/g, '$1[redacted]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/@]+@/gi, '$1[redacted]@'],
  [
    /(["']?\b(?:password|passwd|secret|token|api[_-]?key|license[_-]?key|authorization|cookie)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi,
    '$1[redacted]',
  ],
];

/** A text without what looks like a credential. */
export function redact(text: string): string {
  return CREDENTIALS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
