import type { TestHost } from '../support/host';
import type { ChaosFiles } from './chaos-plugins';
import type { ChaosRecord } from './chaos-record';
import type { Generations } from './generations';

/** What actions and clients share. */
export interface ChaosWorld {
  readonly host: TestHost;
  readonly files: ChaosFiles;
  readonly record: ChaosRecord;
  readonly generations: Generations;
  /** Every write that was acknowledged: `<plugin> <key>` and its value. Each key is written once. */
  readonly stored: Map<string, string>;
}
