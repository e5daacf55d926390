import { Injectable } from '@nestjs/common';
import { AccessPolicy, ANY_CALLER, AuthenticationService } from '../access';
import type { RequestHead } from './client-side';
import { RequestAuthenticator, type AdmitOptions, type Caller } from './gateway.ports';

/** Admits by the host's one access policy: plugins are open to every signed-in caller. */
@Injectable()
export class PolicyAuthenticator extends RequestAuthenticator {
  constructor(
    private readonly policy: AccessPolicy,
    private readonly authentication: AuthenticationService,
  ) {
    super();
  }

  override admit(request: RequestHead, { handshake }: AdmitOptions): Caller | Promise<Caller> {
    return this.policy.admit(request.method ?? 'GET', request.headers, handshake ? HANDSHAKE : ANY_CALLER);
  }

  override onChange(listener: () => void): void {
    this.authentication.onChange(listener);
  }
}

const HANDSHAKE = { ...ANY_CALLER, handshake: true } as const;
