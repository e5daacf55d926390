import { parseCookie } from 'cookie';
import { API_TOKEN_PREFIX, isSecret } from './secrets';
import { SESSION_COOKIE } from './session-cookie';

/** The two headers that can say who the caller is. */
export interface CredentialHeaders {
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
}

/** What a request brings along; `invalid` stands for something that was meant as a credential and is none. */
export type Credential =
  | { readonly kind: 'session'; readonly secret: string }
  | { readonly kind: 'token'; readonly secret: string }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'none' };

const INVALID: Credential = { kind: 'invalid' };

/**
 * A bearer token decides alone, also when it is wrong: a request never falls back to another identity than it claims.
 * Other schemes (the Basic login of a proxy in front) are not ours and are passed over.
 */
export function credentialOf(headers: CredentialHeaders): Credential {
  const { authorization } = headers;
  if (authorization !== undefined && /^bearer(\s|$)/i.test(authorization)) return bearer(authorization);
  return session(headers.cookie);
}

function bearer(authorization: string): Credential {
  const text = authorization.slice('bearer'.length).trim();
  if (!text.startsWith(API_TOKEN_PREFIX)) return INVALID;
  const secret = text.slice(API_TOKEN_PREFIX.length);
  return isSecret(secret) ? { kind: 'token', secret } : INVALID;
}

/**
 * Two different session cookies are refused: one of them was planted by another site under the same domain, and nothing
 * tells which.
 */
function session(header: string | undefined): Credential {
  if (header === undefined) return { kind: 'none' };
  const values = header
    .split(';')
    .map((pair) => parseCookie(pair)[SESSION_COOKIE])
    .filter((value) => value !== undefined);
  const [secret] = values;
  if (secret === undefined) return { kind: 'none' };
  if (values.some((value) => value !== secret) || !isSecret(secret)) return INVALID;
  return { kind: 'session', secret };
}
