import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role } from '@toru/contracts';
import type { Request } from 'express';
import { AppError } from '../common';

/** Who makes a request, proven. */
export interface Principal {
  /** The user's id; for an API token the token's own. */
  readonly id: string;
  /** The user's name; for an API token `token:<its name>`, which no user can be called. */
  readonly name: string;
  readonly role: Role;
  readonly kind: 'session' | 'token';
  /** Nothing but the password's change is open to this caller. */
  readonly mustChangePassword: boolean;
  /** The session or token that proved it. Stays inside the host. */
  readonly credentialId: string;
}

const principals = new WeakMap<IncomingMessage, Principal>();

/** Set once, by the guard. */
export function rememberPrincipal(request: IncomingMessage, principal: Principal): void {
  principals.set(request, principal);
}

/** The caller that the guard has let in; undefined on public routes. */
export function principalOf(request: IncomingMessage): Principal | undefined {
  return principals.get(request);
}

/** A controller's parameter: the caller. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<Request>());
  if (principal === undefined) throw new AppError('unauthenticated', 'Sign in, or send an API token.');
  return principal;
});
