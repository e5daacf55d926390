import type { RequestMeter } from '../gateway';
import type { PluginKvCounts } from '../kv';
import type { LineCounts } from '../logs';
import type { RuntimeStatus } from '../plugins';

/** All that is told of one plugin at the moment at which the metrics are read. */
export interface PluginFacts {
  readonly id: string;
  /** The version of its file. */
  readonly version: string;
  /** That of the protocol. */
  readonly protocol: number;
  readonly status: RuntimeStatus;
  readonly requests: RequestMeter;
  readonly kv: PluginKvCounts;
  /** Undefined where it has written no line. */
  readonly lines: LineCounts | undefined;
  /** Undefined where it was never measured. */
  readonly cpuSeconds: number | undefined;
  /** Whether it uses more processor time than it may; undefined where that is not measured. */
  readonly isOverCpu: boolean | undefined;
  /** What is left of its licence key, in days; undefined where it has none, or one that does not end. */
  readonly licenceDays: number | undefined;
}
