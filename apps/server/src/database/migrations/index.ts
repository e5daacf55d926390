import { Initial1763683200000 } from './1763683200000-initial';
import { KvVersion21763942400000 } from './1763942400000-kv-version-2';

/** In the order in which they are applied. A released migration is never changed: add another one. */
export const MIGRATIONS = [Initial1763683200000, KvVersion21763942400000] as const;
