import type { AbortSignalLike } from '@toru/protocol';
import type { Places } from './concurrency-limit';

/** What goes with each request to a plugin. */
export interface ChannelRequestOptions {
  readonly requestId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignalLike;
  /** From when the plugin is given the request until its answer begins, in milliseconds; waiting for its turn is apart. */
  readonly deadlineMs: number;
  /** How many requests the plugin has at once, and how this one waits for its turn; absent: as the host's settings say. */
  readonly places?: Places;
  /** Called when its turn has come: from now on the plugin has it. */
  readonly onGiven?: () => void;
}
