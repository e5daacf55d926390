import type { ResourceSample } from '@toru/contracts';

/** What plugins used of the machine lately. */
export abstract class ResourceSamples {
  /** The last samples of a plugin, oldest first; those of a process that has just ended are still there. */
  abstract recent(plugin: string): readonly ResourceSample[];
}
