import { Injectable } from '@nestjs/common';
import { AppError } from '../common';
import { AuthenticationService } from './authentication.service';
import { LoginThrottle, type Slot } from './login-throttle';
import { PasswordHasher } from './password-hasher';
import type { Principal } from './principal';
import { SessionStore } from './session.store';
import { sourceKey } from './source-key';
import type { UserEntity } from './user.entity';
import { UserStore } from './user.store';
import { parseUsername, usernameKey } from './username';

/** A session that has just begun; the secret goes into the cookie and nowhere else. */
export interface SignedIn {
  readonly user: UserEntity;
  readonly secret: string;
}

export interface SignInRequest {
  readonly username: string;
  readonly password: string;
  /** The client's address, as far as trusted proxies tell it. */
  readonly remoteAddress: string | undefined;
  /** The secret of a session that the browser still has: it ends. */
  readonly formerSecret?: string | undefined;
}

/** Sign-in, sign-out and the change of one's own password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: UserStore,
    private readonly sessions: SessionStore,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly authentication: AuthenticationService,
  ) {}

  /**
   * @throws AppError `invalid_credentials` with one text for a wrong name and a wrong password, `too_many_requests`,
   * `storage_unavailable`
   */
  async signIn(request: SignInRequest): Promise<SignedIn> {
    const source = sourceKey(request.remoteAddress);
    const name = parseUsername(request.username);
    const user = name === undefined ? undefined : await this.users.findByName(name);
    await this.checkPassword({ account: name ?? '', user, password: request.password, source });
    if (user === undefined) throw wrongCredentials();
    if (request.formerSecret !== undefined) await this.sessions.endBySecret(request.formerSecret);
    return this.begin(user, user.sessionEpoch, source);
  }

  async signOut(principal: Principal): Promise<void> {
    requireSession(principal);
    await this.sessions.end(principal.credentialId);
    this.authentication.forget();
  }

  /** Changes the caller's password. All sessions of this user end; the caller goes on with a new one. */
  async changePassword(
    principal: Principal,
    request: { readonly current: string; readonly next: string; readonly remoteAddress: string | undefined },
  ): Promise<SignedIn> {
    requireSession(principal);
    const source = sourceKey(request.remoteAddress);
    const user = await this.users.find(principal.id);
    if (user === undefined) throw new AppError('unauthenticated', 'This user does not exist any more.');
    await this.checkPassword({ account: user.username, user, password: request.current, source });
    if (request.next.normalize('NFC') === request.current.normalize('NFC')) {
      throw new AppError('validation_failed', 'The new password must differ from the current one.', {
        errors: [{ path: 'new_password', message: 'must differ from the current password' }],
      });
    }
    const epoch = await this.users.replacePassword(user, await this.hasher.hash(request.next));
    this.authentication.forget();
    if (epoch === undefined) throw new AppError('conflict', 'The password was changed by somebody else meanwhile.');
    await this.users.forgetSources(user.id);
    user.mustChangePassword = false;
    return this.begin(user, epoch, source);
  }

  private async begin(user: UserEntity, epoch: number, source: string): Promise<SignedIn> {
    const { secret } = await this.sessions.create(user.id, epoch);
    await this.users.rememberSource(user.id, source);
    this.authentication.forget();
    return { user, secret };
  }

  /** Takes a slot first, then looks at the password, for a name that nobody has as well. */
  private async checkPassword(guess: {
    readonly account: string;
    readonly user: UserEntity | undefined;
    readonly password: string;
    readonly source: string;
  }): Promise<void> {
    const { user, source } = guess;
    // asked for nobody as well, so that both ways take the same steps
    const known = await this.users.knowsSource(user?.id ?? '', source);
    const slot = this.admit(usernameKey(guess.account), source, known);
    let right: boolean;
    try {
      right = await (user === undefined
        ? this.hasher.verifyNobody(guess.password)
        : this.hasher.verify(user.passwordHash, guess.password));
    } catch (error) {
      slot.cancelled();
      throw error;
    }
    if (!right) throw wrongCredentials();
    slot.succeeded();
  }

  private admit(account: string, source: string, known: boolean): Slot {
    const admission = this.throttle.admit({ account, source, known });
    if (admission.admitted) return admission.slot;
    const seconds = Math.ceil(admission.retryAfterMs / 1000);
    throw new AppError('too_many_requests', `Too many wrong passwords. Try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }
}

function wrongCredentials(): AppError {
  return new AppError('invalid_credentials', 'The user name or the password is wrong.');
}

function requireSession(principal: Principal): void {
  if (principal.kind !== 'session') {
    throw new AppError('forbidden', 'An API token has neither a session nor a password: sign in as a user for this.');
  }
}
