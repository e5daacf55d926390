/** What a user may be called. */
export const USERNAME = /^[A-Za-z0-9._-]{1,64}$/;
export const USERNAME_RULE = 'must be 1 to 64 letters, digits, dots, _ or -';

/** A name as it is shown; undefined for one that no user can have. */
export function parseUsername(text: string): string | undefined {
  const name = text.normalize('NFC');
  return USERNAME.test(name) ? name : undefined;
}

/** What names are compared by. */
export function usernameKey(username: string): string {
  return username.normalize('NFC').toLowerCase();
}
