import { PasswordHasher } from '../password-hasher';

/** As good as the real one, but for what a hash costs: that is proved where it is the point. */
export class QuickPasswordHasher extends PasswordHasher {
  protected override readonly parameters = { memoryCost: 8, timeCost: 1, parallelism: 1 };
}
