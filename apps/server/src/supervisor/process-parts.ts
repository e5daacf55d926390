import type { ActorPorts } from './actor-ports';
import type { Failures } from './failures';
import type { PluginJournal } from './plugin-journal';
import type { PluginLife } from './plugin-life';

/** What the processes of a plugin need of its actor. */
export interface ProcessParts {
  readonly id: string;
  readonly ports: ActorPorts;
  readonly life: PluginLife;
  readonly failures: Failures;
  readonly journal: PluginJournal;
  /** Runs a task when its turn in the plugin's mailbox has come (LIF-5). */
  readonly inTurn: (task: () => void | Promise<void>) => Promise<void>;
}
