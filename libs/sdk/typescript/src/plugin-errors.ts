import type { FailureCodeV2, FeatureV2 } from '@toru/contracts';
import type { LicenceReason } from '@toru/licensing';

/** `EX_CONFIG` of sysexits.h: starting the plugin again as it is would be of no use. */
export const EXIT_CONFIG = 78;

/** Thrown from `onInit`: the settings cannot be used. The host shows the message and does not try again. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Thrown from `onInit`: there is no licence that the plugin accepts. The host shows the message and does not try again. */
export class LicenseError extends Error {
  override readonly name = 'LicenseError';

  /** `reason`: why the key does not hold, where `ctx.license.require()` threw this. */
  constructor(
    message?: string,
    readonly reason?: LicenceReason,
  ) {
    super(message);
  }
}

/** The host does not offer what was used (protocol v2 §3). It needs a newer host, or the plugin a way without. */
export class FeatureUnavailableError extends Error {
  override readonly name = 'FeatureUnavailableError';

  constructor(readonly feature: FeatureV2) {
    super(`This host does not offer the feature "${feature}"; look at ctx.features before you use it`);
  }
}

/** What `lifecycle`/`failed` says of an error, and the status that the process ends with (protocol v2 §3). */
export function failureOf(error: unknown): { code: FailureCodeV2; message: string; exitStatus: number } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ConfigError) return { code: 'config', message, exitStatus: EXIT_CONFIG };
  if (error instanceof LicenseError) return { code: 'license', message, exitStatus: EXIT_CONFIG };
  return { code: 'internal', message, exitStatus: 1 };
}
