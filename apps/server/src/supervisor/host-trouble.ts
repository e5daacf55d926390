import { hostLack } from '../common';

/**
 * Why a plugin could not be started, where the reason is with the host and not with the plugin: as a sentence that says
 * what to do. Undefined where it is with the plugin.
 */
export function hostTrouble(error: unknown): string | undefined {
  const lack = hostLack(error);
  return lack === undefined ? undefined : `the host cannot start it: ${lack}`;
}
