import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ROLES, type Role } from '@toru/contracts';
import { AppError } from '../common';
import { Configuration } from '../config';
import { AuthenticationService } from './authentication.service';
import { csrfVerdict, type CsrfContext } from './csrf';
import type { Principal } from './principal';

/** Who may come in. */
export interface Requirement {
  readonly roles: readonly Role[];
  /** Also a caller who has to change the password first. */
  readonly pendingPassword?: boolean;
  /** It is a WebSocket handshake: with a cookie it must come from our own pages, although it is a GET (faults 27). */
  readonly handshake?: boolean;
}

/** Every signed-in caller: what a plugin's routes and the host's documentation ask for. */
export const ANY_CALLER: Requirement = { roles: ROLES };

/** The one place that decides who comes in, for controllers and for what is served beside them. */
@Injectable()
export class AccessPolicy {
  constructor(
    private readonly authentication: AuthenticationService,
    private readonly configuration: Configuration,
  ) {}

  /**
   * The caller of a request that needs one; with a promise where storage has to be asked.
   * @throws AppError `csrf_refused`, `unauthenticated`, `password_change_required`, `forbidden`, `storage_unavailable`
   */
  admit(method: string, headers: IncomingHttpHeaders, requirement: Requirement): Principal | Promise<Principal> {
    this.refuseForgery(method, headers, { handshake: requirement.handshake === true });
    const found = this.authentication.authenticate(headers);
    return found instanceof Promise
      ? found.then((principal) => admitted(principal, requirement))
      : admitted(found, requirement);
  }

  /** Lets in without a caller; what changes something must still come from our own pages. @throws AppError `csrf_refused` */
  admitAnybody(method: string, headers: IncomingHttpHeaders): void {
    this.refuseForgery(method, headers, { always: true });
  }

  private refuseForgery(method: string, headers: IncomingHttpHeaders, context: Omit<CsrfContext, 'publicUrl'>): void {
    const verdict = csrfVerdict(method, headers, { publicUrl: this.configuration.publicUrl, ...context });
    if (!verdict.allowed) throw new AppError('csrf_refused', verdict.reason);
  }
}

function admitted(principal: Principal | undefined, requirement: Requirement): Principal {
  if (principal === undefined) throw new AppError('unauthenticated', 'Sign in, or send an API token.');
  if (principal.mustChangePassword && requirement.pendingPassword !== true) {
    throw new AppError(
      'password_change_required',
      'Change the first password before anything else: in the console, or with POST /api/auth/password.',
    );
  }
  if (!requirement.roles.includes(principal.role)) {
    throw new AppError('forbidden', `This needs the role ${requirement.roles.join(' or ')}.`);
  }
  return principal;
}
