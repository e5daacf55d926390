import { Initial1763683200000 } from './1763683200000-initial';

/** In the order in which they are applied. A released migration is never changed: add another one. */
export const MIGRATIONS = [Initial1763683200000] as const;
