import type { HttpLimits, JsonObject, ResourceLimits } from '@toru/contracts';
import { parseMetadata } from '@toru/protocol';
import { ConfigError } from './plugin-errors';

/** What the plugin is (docs/protocol.md, "Metadata"). */
export interface Metadata {
  /** Lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** An emoji or a short text. */
  readonly icon: string;
  /** A slash and one segment: `/acme`. */
  readonly route: string;
  readonly author?: string;
  readonly description?: string;
  readonly homepage?: string;
  /** Paths below the route that need no sign-in; a last segment `*` stands for everything below. */
  readonly publicPaths?: readonly string[];
  /** JSON Schema of the plugin's section of the settings page. */
  readonly settingsSchema?: JsonObject;
  /** What of the machine is enough for it (docs/operations.md, "Resources"). */
  readonly limits?: ResourceLimits;
  /** How the host is to treat requests; an administrator may say otherwise (docs/routes.md, "Limits"). */
  readonly http?: HttpLimits;
  /** `required`: without a licence key the plugin does not start. `none` unless given. */
  readonly license?: 'required' | 'none';
}

/** What `--metadata` prints, in one line. Throws `ConfigError` for what the host would refuse. */
export function metadataJson(metadata: Metadata): string {
  const { publicPaths, settingsSchema, ...rest } = metadata;
  const text = JSON.stringify({ ...rest, protocol: 2, public_paths: publicPaths, settings_schema: settingsSchema });
  const result = parseMetadata(Buffer.from(text));
  if (!result.ok) throw new ConfigError(`The metadata is not valid: ${result.reason}`);
  return text;
}
