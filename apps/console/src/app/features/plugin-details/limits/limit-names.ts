import type { HttpLimits, PathRule } from '../../../core/api/types';
import type { Unit } from './quantity';

export type PathLimitName = Exclude<keyof PathRule, 'path'>;
export type LimitName = Exclude<keyof HttpLimits, 'paths'>;

interface LimitText<Name> {
  readonly name: Name;
  readonly label: string;
  readonly unit: Unit;
  readonly hint: string;
  /** What 0 stands for, where it is more than none. */
  readonly zero?: string;
}

/** What may be set for single paths too. */
export const PATH_LIMITS: readonly LimitText<PathLimitName>[] = [
  {
    ...{ name: 'first_byte_timeout_ms', label: 'Time until an answer', unit: 'time' },
    hint: 'Until it begins; then 504.',
  },
  {
    ...{ name: 'idle_timeout_ms', label: 'Silence within an answer', unit: 'time', zero: 'any time' },
    hint: 'Then the answer is cut off; 0: any time.',
  },
  {
    ...{ name: 'max_body_bytes', label: 'Longest body', unit: 'size' },
    hint: 'A longer one gets 413.',
  },
];

export const LIMITS: readonly LimitText<LimitName>[] = [
  { name: 'concurrency', label: 'Requests at once', unit: 'count', hint: 'Each until its answer is complete.' },
  { name: 'queue', label: 'Requests that wait', unit: 'count', hint: 'Any more get 503.' },
  { name: 'queue_timeout_ms', label: 'Time that one waits', unit: 'time', hint: 'Then it gets 503.' },
  ...PATH_LIMITS,
];
