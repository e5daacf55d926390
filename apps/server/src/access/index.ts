export { AccessBootstrap } from './access-bootstrap';
export { Public, Roles } from './access-metadata';
export { AccessModule } from './access.module';
export { AccessPolicy, ANY_CALLER, type Requirement } from './access-policy';
export { AuthenticationService } from './authentication.service';
export { type CredentialHeaders } from './credentials';
export { Caller, type Principal } from './principal';
export { SESSION_COOKIE } from './session-cookie';
