import { Injectable } from '@nestjs/common';
import type { Role } from '@toru/contracts';
import { AppError } from '../common';
import { AuthenticationService } from './authentication.service';
import { PasswordHasher } from './password-hasher';
import type { UserEntity } from './user.entity';
import { UserStore } from './user.store';

/** What an admin asks for. */
export interface UserInput {
  readonly role?: Role | undefined;
  readonly password?: string | undefined;
  /** The user has to choose another password at the next sign-in. */
  readonly mustChangePassword?: boolean | undefined;
}

/** The people who may sign in. There is always at least one admin. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly authentication: AuthenticationService,
  ) {}

  async list(): Promise<readonly UserEntity[]> {
    return this.users.list();
  }

  /** @throws AppError `conflict` when the name is taken */
  async create(username: string, input: UserInput & { role: Role; password: string }): Promise<UserEntity> {
    const user = await this.users.add({
      username,
      role: input.role,
      passwordHash: await this.hasher.hash(input.password),
      mustChangePassword: input.mustChangePassword ?? false,
    });
    if (user === undefined) throw new AppError('conflict', `There is a user called ${username} already.`);
    return user;
  }

  /** Changes role or password; all sessions of that user end. @throws AppError `not_found`, `conflict` for the last admin */
  async update(id: string, input: UserInput): Promise<UserEntity> {
    const user = await this.require(id);
    const role = input.role === user.role ? undefined : input.role;
    if (role === undefined && input.password === undefined) return user;
    const changed = await this.users.change(id, {
      ...(role === undefined ? {} : { role }),
      ...(input.password === undefined
        ? {}
        : {
            password: { hash: await this.hasher.hash(input.password), mustChange: input.mustChangePassword ?? false },
          }),
    });
    this.authentication.forget();
    if (!changed) throw await this.refusal(id);
    if (input.password !== undefined) await this.users.forgetSources(id);
    return this.require(id);
  }

  /** @throws AppError `not_found`, `conflict` for the last admin */
  async remove(id: string): Promise<void> {
    const removed = await this.users.remove(id);
    this.authentication.forget();
    if (!removed) throw await this.refusal(id);
  }

  private async require(id: string): Promise<UserEntity> {
    const user = await this.users.find(id);
    if (user === undefined) throw new AppError('not_found', 'There is no user with this id.');
    return user;
  }

  private async refusal(id: string): Promise<AppError> {
    await this.require(id);
    return new AppError('conflict', 'This is the last admin. Make somebody else an admin first.');
  }
}
