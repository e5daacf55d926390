import { Injectable } from '@nestjs/common';
import type { InputError, JsonObject, JsonValue, PluginMetadata } from '@toru/contracts';
import { AppError, Clock, timestamp } from '../common';
import { PluginSettingsStore, type StoredSettings } from './plugin-settings-store.port';
import { SettingsForm } from './settings-form';
import type { SettingsSchema } from './settings-schema';

/** What all settings of one plugin may take, in bytes of JSON: they also travel in one environment variable. */
const MAX_BYTES = 65_536;
/** How often a change is tried again because another one came between. */
const MAX_TRIES = 5;

/** What settings belong to: a plugin and what it declares. */
export type SettingsOwner = Pick<PluginMetadata, 'id' | 'name' | 'settings_schema'>;

/** A plugin's settings as an administrator sees them: secrets are named, never shown. */
export interface SettingsView {
  /** Null where the plugin declares none, or none that can be used. */
  readonly schema: SettingsSchema | null;
  /** Why its declaration cannot be used. */
  readonly problem: string | null;
  readonly values: JsonObject;
  readonly secretsSet: readonly string[];
  readonly missing: readonly string[];
  /** 0: nothing was ever set. */
  readonly revision: number;
  readonly updatedAt: string | null;
}

/** Settings of plugins (MGR-5): what an administrator set, within what the plugin's `settings_schema` allows. */
@Injectable()
export class PluginSettingsService {
  /** By the schema's object, which lives as long as the metadata that it came with. */
  private readonly forms = new WeakMap<JsonObject, SettingsForm | string>();

  constructor(
    private readonly store: PluginSettingsStore,
    private readonly clock: Clock,
  ) {}

  /** What a plugin is to work with: all values that apply, secrets too. @throws AppError `storage_unavailable` */
  async effective(owner: SettingsOwner): Promise<JsonObject> {
    const form = this.formOf(owner);
    if (!(form instanceof SettingsForm)) return {};
    return form.effective((await this.store.read(keyOf(owner)))?.values ?? {});
  }

  /** @throws AppError `storage_unavailable` */
  async view(owner: SettingsOwner): Promise<SettingsView> {
    return this.toView(owner, await this.store.read(keyOf(owner)));
  }

  /**
   * Sets the values that are given; null goes back to the default. Values that are not named stay.
   * @param ifRevision the revision that the caller has seen, where it matters
   * @throws AppError `conflict`, `validation_failed`, `payload_too_large`, `storage_unavailable`
   */
  async change(owner: SettingsOwner, changes: JsonObject, ifRevision?: number): Promise<SettingsView> {
    const form = this.requireForm(owner);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const stored = await this.store.read(keyOf(owner));
      const revision = stored?.revision ?? 0;
      if (ifRevision !== undefined && ifRevision !== revision) break;
      const values = merged(stored?.values ?? {}, changes, form);
      this.refuseInvalid(owner, form.errorsOf(values), changes);
      this.refuseOversized(owner, values);
      const now = timestamp(this.clock.now());
      if (await this.store.replace(keyOf(owner), values, revision, now)) {
        return this.toView(owner, { values, revision: revision + 1, updatedAt: now });
      }
    }
    throw new AppError(
      'conflict',
      'Somebody else has changed the settings meanwhile. Load them again, then change them.',
      {
        plugin: owner.id,
      },
    );
  }

  private toView(owner: SettingsOwner, stored: StoredSettings | undefined): SettingsView {
    const form = this.formOf(owner);
    const { revision = 0, updatedAt = null } = stored ?? {};
    if (!(form instanceof SettingsForm)) {
      const nothing = { values: {}, secretsSet: [], missing: [] };
      return { schema: null, problem: form ?? null, ...nothing, revision, updatedAt };
    }
    const effective = form.effective(stored?.values ?? {});
    const shown = Object.entries(effective).filter(([name]) => !form.secrets.has(name));
    return {
      ...{ schema: withoutSecretDefaults(form), problem: null },
      values: Object.fromEntries(shown),
      secretsSet: [...form.secrets].filter((name) => Object.hasOwn(effective, name)),
      missing: form.missing(effective),
      ...{ revision, updatedAt },
    };
  }

  private requireForm(owner: SettingsOwner): SettingsForm {
    const form = this.formOf(owner);
    if (form instanceof SettingsForm) return form;
    const why = form === undefined ? 'declares no settings' : `declares settings that cannot be used: ${form}`;
    throw new AppError('conflict', `${owner.name} ${why}.`, { plugin: owner.id });
  }

  private refuseInvalid(owner: SettingsOwner, errors: readonly InputError[], changes: JsonObject): void {
    // what was valid once and is no longer, since the plugin has changed, is not this caller's mistake
    const own = errors.filter((error) => Object.hasOwn(changes, error.path.split('.')[0] ?? ''));
    if (own.length === 0) return;
    const detail = `${owner.name} does not take these settings; nothing was changed.`;
    throw new AppError('validation_failed', detail, { plugin: owner.id, errors: own });
  }

  private refuseOversized(owner: SettingsOwner, values: JsonObject): void {
    if (Buffer.byteLength(JSON.stringify(values)) <= MAX_BYTES) return;
    throw new AppError('payload_too_large', `All settings may take ${MAX_BYTES} bytes of JSON together.`, {
      plugin: owner.id,
    });
  }

  private formOf({ settings_schema: schema }: SettingsOwner): SettingsForm | string | undefined {
    if (schema === undefined) return undefined;
    const known = this.forms.get(schema) ?? SettingsForm.of(schema);
    this.forms.set(schema, known);
    return known;
  }
}

function keyOf({ id }: SettingsOwner): string {
  return id.toLowerCase();
}

/** Names that the plugin does not know any more are dropped with the next change; names it never knew are refused. */
function merged(stored: JsonObject, changes: JsonObject, form: SettingsForm): JsonObject {
  const values = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(stored)) {
    if (Object.hasOwn(form.schema.properties, name)) values.set(name, value);
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
  return Object.fromEntries(values);
}

/** The default of a secret may be one that works: nobody needs to see it. */
function withoutSecretDefaults({ schema, secrets }: SettingsForm): SettingsSchema {
  const properties = Object.entries(schema.properties).map(([name, property]): [string, JsonObject] => {
    if (!secrets.has(name)) return [name, property];
    return [name, Object.fromEntries(Object.entries(property).filter(([key]) => key !== 'default'))];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
