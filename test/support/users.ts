import type { CreatedApiToken, Role } from '@toru/contracts';
import type { TestHost } from './host';

export const PASSWORD = 'a password of a test';

/** Adds a user; resolves with its id. */
export async function addUser(
  host: TestHost,
  username: string,
  role: Role,
  more: { readonly must_change_password?: boolean } = {},
): Promise<string> {
  const json = { username, role, password: PASSWORD, ...more };
  return (await host.json<{ id: string }>('/api/users', { method: 'POST', json })).id;
}

/** Makes an API token; `expiresInMs` from now. */
export function addToken(host: TestHost, name: string, role: Role, expiresInMs?: number): Promise<CreatedApiToken> {
  const expires_at = expiresInMs === undefined ? null : new Date(Date.now() + expiresInMs).toISOString();
  return host.json<CreatedApiToken>('/api/auth/tokens', { method: 'POST', json: { name, role, expires_at } });
}
