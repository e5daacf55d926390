import type { PluginState, Refusal } from '@toru/contracts';
import { AppError } from '../common';

/** What whoever enabled a plugin is told when it did not become ready (LIF-1). */
export function startFailure(
  plugin: string,
  state: PluginState,
  reason: string | null,
  refusal: Refusal | null,
): AppError {
  const why = (reason ?? 'it ended').replace(/\.$/, '');
  const detail = `The plugin did not become ready: ${why}. ${outlookOf(state, refusal)} Its log tells more.`;
  return new AppError('plugin_start_failed', detail, { plugin });
}

function outlookOf(state: PluginState, refusal: Refusal | null): string {
  if (state === 'backoff') return 'It stays enabled and is tried again.';
  if (state !== 'failed') return 'It is disabled.';
  return refusal === 'license'
    ? 'It stays enabled, and is started again by itself when its licence key changes.'
    : 'It is not tried again by itself: mend the cause and enable it once more.';
}
