import { Initial1763683200000 } from './1763683200000-initial';
import { KvVersion21763942400000 } from './1763942400000-kv-version-2';
import { PluginSettings1763950000000 } from './1763950000000-plugin-settings';
import { PluginFailures1764115200000 } from './1764115200000-plugin-failures';
import { PluginLicences1764200000000 } from './1764200000000-plugin-licences';
import { PluginLimits1764201600000 } from './1764201600000-plugin-limits';

/** In the order in which they are applied. A released migration is never changed: add another one. */
export const MIGRATIONS = [
  Initial1763683200000,
  KvVersion21763942400000,
  PluginSettings1763950000000,
  PluginFailures1764115200000,
  PluginLicences1764200000000,
  PluginLimits1764201600000,
] as const;
