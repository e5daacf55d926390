export { AccessBootstrap } from './access-bootstrap';
export { AllowPendingPassword, Public, Roles } from './access-metadata';
export { AccessModule } from './access.module';
export { AccessPolicy, ANY_CALLER, type Requirement } from './access-policy';
export { AuthenticationService } from './authentication.service';
export { csrfVerdict, type CsrfContext, type CsrfVerdict } from './csrf';
export { type CredentialHeaders } from './credentials';
export { Caller, principalOf, type Principal } from './principal';
export { SESSION_COOKIE } from './session-cookie';
