import { Injectable } from '@nestjs/common';
import { hash, verify, type Options } from '@node-rs/argon2';
import { AppError } from '../common';

/** OWASP's recommendation for Argon2id, the library's default kind: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each takes a core and 19 MiB for tens of milliseconds; more would take the cores from everything else. */
const MAX_RUNNING = 2;
/** Who waits longer than these take is better told so. */
const MAX_WAITING = 32;

/** Hashes and checks passwords, a few at a time. */
@Injectable()
export class PasswordHasher {
  protected readonly parameters: Options = PARAMETERS;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private dummy: Promise<string> | undefined;

  /** @throws AppError `too_many_requests` when too many wait already */
  async hash(password: string): Promise<string> {
    return this.bounded(() => hash(password.normalize('NFC'), this.parameters));
  }

  /** @throws AppError `too_many_requests` when too many wait already */
  async verify(passwordHash: string, password: string): Promise<boolean> {
    return this.bounded(() => verify(passwordHash, password.normalize('NFC')));
  }

  /** Costs what `verify` costs, and is false: for names that nobody has, so that time does not tell who exists. */
  async verifyNobody(password: string): Promise<false> {
    this.dummy ??= hash('nobody has this password', this.parameters);
    const dummy = await this.dummy;
    await this.verify(dummy, password);
    return false;
  }

  /** Prepares the first `verifyNobody`, which would otherwise cost two hashes. */
  async warmUp(): Promise<void> {
    this.dummy ??= hash('nobody has this password', this.parameters);
    await this.dummy;
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= MAX_RUNNING) {
      if (this.waiting.length >= MAX_WAITING) {
        throw new AppError('too_many_requests', 'Too many people sign in at this moment. Try again in a second.', {
          retryAfterSeconds: 1,
        });
      }
      // whoever ends hands its place on, so that nobody slips in between
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
