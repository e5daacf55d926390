import type { PluginState } from '@toru/contracts';
import { AppError } from '../common';

/** What whoever enabled a plugin is told when it did not become ready (LIF-1). */
export function startFailure(plugin: string, state: PluginState, reason: string | null): AppError {
  const outlook =
    state === 'backoff'
      ? 'It stays enabled and is tried again.'
      : state === 'failed'
        ? 'It is not tried again by itself: mend the cause and enable it once more.'
        : 'It is disabled.';
  const detail = `The plugin did not become ready: ${reason ?? 'it ended'}. ${outlook} Its log tells more.`;
  return new AppError('plugin_start_failed', detail, { plugin });
}
