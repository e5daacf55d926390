import { Injectable, Logger } from '@nestjs/common';
import { ROLES, type Role } from '@toru/contracts';
import { AppError, Clock } from '../common';
import { ApiTokenStore } from './api-token.store';
import { credentialOf, type CredentialHeaders } from './credentials';
import type { Principal } from './principal';
import { PrincipalCache } from './principal-cache';
import { secretHash } from './secrets';
import { SessionStore } from './session.store';

/** "Last seen" and "last used" are exact to this many milliseconds: a write for each request would cost more than it tells. */
const TOUCH_INTERVAL_MS = 60_000;

/** Finds out who makes a request. */
@Injectable()
export class AuthenticationService {
  private readonly logger = new Logger('access');
  private readonly cache: PrincipalCache;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly sessions: SessionStore,
    private readonly tokens: ApiTokenStore,
    private readonly clock: Clock,
  ) {
    this.cache = new PrincipalCache(() => clock.monotonic());
  }

  /**
   * The caller, or undefined for none, a wrong or an expired one; with a promise where storage has to be asked. What was revoked is refused at once by this host and
   * within half a second by others on the same database; whoever keeps a stream open asks again every half second.
   * @throws AppError `storage_unavailable`
   */
  authenticate(headers: CredentialHeaders): Principal | undefined | Promise<Principal | undefined> {
    const text = onlyText(headers);
    const known = text === undefined ? undefined : this.cache.byCredentials(text);
    if (known !== undefined) return known;
    const credential = credentialOf(headers);
    if (credential.kind === 'invalid' || credential.kind === 'none') return undefined;
    const hash = secretHash(credential.secret);
    const key = `${credential.kind} ${hash}`;
    const load = credential.kind === 'session' ? () => this.bySession(hash) : () => this.byToken(hash);
    const principal = this.cache.get(key, load);
    if (text !== undefined) this.cache.remember(text, key);
    return principal;
  }

  /** How many sessions are valid now. @throws AppError `storage_unavailable` */
  countSessions(): Promise<number> {
    return this.sessions.count();
  }

  /** Everybody is looked up anew. To be called after every change of users, sessions and tokens. */
  forget(): void {
    this.cache.clear();
    for (const listener of this.listeners) listener();
  }

  /** Calls back after each change of users, sessions or tokens, for those who keep something open for a caller. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private async bySession(hash: string): Promise<Principal | undefined> {
    const session = await this.sessions.find(hash);
    if (session === undefined || !isRole(session.role)) return undefined;
    await this.touch(session.last_seen_at, () => this.sessions.touch(session.id));
    return Object.freeze<Principal>({
      id: session.user_id,
      name: session.username,
      role: session.role,
      kind: 'session',
      mustChangePassword: Boolean(session.must_change_password),
      credentialId: session.id,
    });
  }

  private async byToken(hash: string): Promise<Principal | undefined> {
    const token = await this.tokens.find(hash);
    if (token === undefined || !isRole(token.role)) return undefined;
    await this.touch(token.lastUsedAt, () => this.tokens.touch(token.id));
    return Object.freeze<Principal>({
      id: token.id,
      name: `token:${token.name}`,
      role: token.role,
      kind: 'token',
      mustChangePassword: false,
      credentialId: token.id,
    });
  }

  private async touch(last: string | null, write: () => Promise<void>): Promise<void> {
    if (last !== null && this.clock.now() - Date.parse(last) < TOUCH_INTERVAL_MS) return;
    try {
      await write();
    } catch (error) {
      // a full disk must not lock out the person who comes to mend it
      if (!(error instanceof AppError)) throw error;
      this.logger.warn('the time of last use could not be written');
    }
  }
}

/** The one header of the two, under a name of its own; undefined where there are both, or none. */
function onlyText({ authorization, cookie }: CredentialHeaders): string | undefined {
  if (authorization === undefined) return cookie === undefined ? undefined : `cookie ${cookie}`;
  return cookie === undefined ? `authorization ${authorization}` : undefined;
}

function isRole(value: string): value is Role {
  return (ROLES as readonly string[]).includes(value);
}
