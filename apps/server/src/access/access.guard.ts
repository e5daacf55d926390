import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ROLES, type Role } from '@toru/contracts';
import type { Request } from 'express';
import { AppError } from '../common';
import { ALLOWED_ROLES, PENDING_PASSWORD, PUBLIC } from './access-metadata';
import { AccessPolicy } from './access-policy';
import { isJson, isSafeMethod } from './csrf';
import { rememberPrincipal } from './principal';

/** Stands before every controller; what nothing is said about is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly policy: AccessPolicy,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return false;
    const request = context.switchToHttp().getRequest<Request>();
    const { method, headers } = request;
    if (this.metadata(PUBLIC, context) === true) {
      this.policy.admitAnybody(method, headers);
    } else {
      const declared = this.metadata(ALLOWED_ROLES, context) as readonly Role[] | undefined;
      const roles = declared ?? defaultRoles(method);
      const pendingPassword = this.metadata(PENDING_PASSWORD, context) === true;
      rememberPrincipal(request, await this.policy.admit(method, headers, { roles, pendingPassword }));
    }
    requireJson(method, headers);
    return true;
  }

  private metadata(key: string, context: ExecutionContext): unknown {
    return this.reflector.getAllAndOverride<unknown>(key, [context.getHandler(), context.getClass()]);
  }
}

function defaultRoles(method: string): readonly Role[] {
  return isSafeMethod(method) ? ROLES : ['admin'];
}

/** A form of another site can send text/plain and the like with our cookie, never JSON (faults 27). */
function requireJson(method: string, headers: IncomingHttpHeaders): void {
  const length = headers['content-length'];
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (!isSafeMethod(method) && hasBody && !isJson(headers['content-type'])) {
    throw new AppError('unsupported_body', 'Send the body as application/json.');
  }
}
