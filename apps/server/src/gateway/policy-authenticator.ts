import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AccessPolicy, ANY_CALLER } from '../access';
import { RequestAuthenticator, type Caller } from './gateway.ports';

/** Admits by the host's one access policy: plugins are open to every signed-in caller. */
@Injectable()
export class PolicyAuthenticator extends RequestAuthenticator {
  constructor(private readonly policy: AccessPolicy) {
    super();
  }

  override admit(request: IncomingMessage): Promise<Caller> {
    return this.policy.admit(request.method ?? 'GET', request.headers, ANY_CALLER);
  }
}
