import type { PasswordHasher } from './password-hasher';
import { readablePassword } from './secrets';
import type { UserStore } from './user.store';

/** `ADMIN_USERNAME` and `ADMIN_PASSWORD`. */
export interface FirstAdmin {
  readonly adminUsername: string;
  readonly adminPassword: string | undefined;
}

/** Makes the first admin. Where users exist, both settings are without effect: they never overwrite a password. */
export class AccessBootstrap {
  private constructor(
    /** The password that was made up, to be printed once by whoever starts the host; never logged. */
    readonly firstPassword: string | undefined,
  ) {}

  static async run(users: UserStore, hasher: PasswordHasher, settings: FirstAdmin): Promise<AccessBootstrap> {
    await hasher.warmUp();
    if (await users.any()) return new AccessBootstrap(undefined);
    const password = settings.adminPassword ?? readablePassword();
    const generated = settings.adminPassword === undefined;
    const added = await users.add({
      username: settings.adminUsername,
      passwordHash: await hasher.hash(password),
      role: 'admin',
      mustChangePassword: generated,
    });
    // another host on the same database may have come first: then its password is the one that counts
    return new AccessBootstrap(generated && added !== undefined ? password : undefined);
  }
}
