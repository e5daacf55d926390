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
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly settings: FirstAdmin,
  ) {}

  /** With a password that is set, the admin is there at once. */
  static async run(users: UserStore, hasher: PasswordHasher, settings: FirstAdmin): Promise<AccessBootstrap> {
    await hasher.warmUp();
    const bootstrap = new AccessBootstrap(users, hasher, settings);
    if (settings.adminPassword !== undefined) await bootstrap.add(settings.adminPassword, false);
    return bootstrap;
  }

  /**
   * Makes the admin with a password that is made up, where none is set and there is no user. Resolves with that password,
   * to be printed once by whoever starts the host; never logged. So it is called when nothing can keep the host any more
   * from printing it: of an admin that is there, no later start says the password.
   */
  async firstPassword(): Promise<string | undefined> {
    if (this.settings.adminPassword !== undefined) return undefined;
    const password = readablePassword();
    return (await this.add(password, true)) ? password : undefined;
  }

  /** False where there are users, also if another host on the same database was first: then its password counts. */
  private async add(password: string, mustChangePassword: boolean): Promise<boolean> {
    if (await this.users.any()) return false;
    const added = await this.users.add({
      username: this.settings.adminUsername,
      passwordHash: await this.hasher.hash(password),
      role: 'admin',
      mustChangePassword,
    });
    return added !== undefined;
  }
}
