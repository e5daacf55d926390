import { stringifySetCookie } from 'cookie';

export const SESSION_COOKIE = 'toru_session';

/** `Set-Cookie` for a session, for `maxAgeSeconds`; `secure` where browsers reach the host by https. */
export function sessionCookie(secret: string, maxAgeSeconds: number, secure: boolean): string {
  return stringifySetCookie(SESSION_COOKIE, secret, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    maxAge: maxAgeSeconds,
    secure,
  });
}

/** `Set-Cookie` that makes the browser forget its session. */
export function clearedSessionCookie(secure: boolean): string {
  return sessionCookie('', 0, secure);
}

/** Whether the cookie may only travel by https. */
export function isSecureUrl(publicUrl: string | undefined): boolean {
  return publicUrl?.toLowerCase().startsWith('https:') ?? false;
}
