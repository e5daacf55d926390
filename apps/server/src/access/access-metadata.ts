import { SetMetadata } from '@nestjs/common';
import type { Role } from '@toru/contracts';

export const PUBLIC = 'toru:public';
export const ALLOWED_ROLES = 'toru:roles';
export const PENDING_PASSWORD = 'toru:pending-password';

/** Answers without authentication: sign-in and health alone. */
export const Public = () => SetMetadata(PUBLIC, true);

/**
 * Who may call a handler (or all of a controller). Without it a handler that only reads is open to every signed-in
 * caller, and one that changes something is for admins.
 */
export const Roles = (...roles: [Role, ...Role[]]) => SetMetadata(ALLOWED_ROLES, roles);

/** Also open to a caller who has to change the password first. */
export const AllowPendingPassword = () => SetMetadata(PENDING_PASSWORD, true);
