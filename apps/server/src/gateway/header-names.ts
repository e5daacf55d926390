/** Headers that belong to one connection and never travel on (RFC 9110 §7.6.1), both ways. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Adds the names that a `Connection` header lists, in lower case. */
export function addConnectionTokens(value: string, names: Set<string>): void {
  for (const token of value.split(',')) names.add(token.trim().toLowerCase());
}

/** Headers by name. Without a prototype, so that every name is one like any other; and still read quickly by the engine. */
export const Fields = function () {
  // nothing of its own
} as unknown as new () => object;
Fields.prototype = Object.create(null) as object;
