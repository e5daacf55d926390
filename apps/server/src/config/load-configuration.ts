import type { Configuration } from './configuration';
import { prepareDirectories } from './directories';
import { parseSettings } from './parse-settings';

/** Environment → the configuration of this host. Throws `ConfigurationError` with every problem that it found. */
export function loadConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const settings = parseSettings(env);
  return Object.freeze({ ...settings, ...prepareDirectories(settings) });
}
