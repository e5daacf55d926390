import type { JsonObject } from '@toru/contracts';
import { FakeClock } from '@toru/testing';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { PluginSettingsService } from './plugin-settings.service';
import { TypeOrmPluginSettingsStore } from './typeorm-plugin-settings-store';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['blue', 'red'], default: 'blue' },
    limit: { type: 'integer', minimum: 1 },
    token: { type: 'string', writeOnly: true, default: 'factory' },
    text: { type: 'string', maxLength: 100_000 },
  },
  required: ['limit'],
};
const owner = { id: 'Acme', name: 'Acme', settings_schema: SCHEMA };

let database: TestDatabase;
let settings: PluginSettingsService;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.dataSource.query('DELETE FROM plugin_settings');
  const store = new TypeOrmPluginSettingsStore(database.dataSource);
  settings = new PluginSettingsService(store, new FakeClock(Date.UTC(2026, 10, 21)));
});

describe('PluginSettingsService', () => {
  it('[MGR-5] begins with the defaults and says what is missing; a secret is named and not shown', async () => {
    const view = await settings.view(owner);

    expect(view).toMatchObject({ values: { colour: 'blue' }, secretsSet: ['token'], missing: ['limit'], revision: 0 });
    expect(JSON.stringify(view)).not.toContain('factory');
    expect(await settings.effective(owner)).toEqual({ colour: 'blue', token: 'factory' });
  });

  it('[MGR-5] sets what is named, keeps the rest, and goes back to the default with null', async () => {
    await settings.change(owner, { colour: 'red', limit: 3, token: 'own' });
    const second = await settings.change(owner, { colour: null });

    expect(second).toMatchObject({ revision: 2, missing: [], updatedAt: '2026-11-21T00:00:00.000Z' });
    expect(await settings.effective(owner)).toEqual({ colour: 'blue', limit: 3, token: 'own' });
    expect(await settings.effective({ ...owner, id: 'aCME' })).toMatchObject({ limit: 3 });
    expect(await settings.effective({ ...owner, id: 'other' })).toEqual({ colour: 'blue', token: 'factory' });
  });

  it('[MGR-5] changes nothing where one value is not valid', async () => {
    const refused = settings.change(owner, { colour: 'red', limit: 0, size: 1 });

    await expect(refused).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [
        { path: 'size', message: 'is no setting of this plugin' },
        { path: 'limit', message: 'must be 1 or more' },
      ],
    });
    expect((await settings.view(owner)).revision).toBe(0);
  });

  it('[MGR-5] refuses a change of what the caller has not seen', async () => {
    await settings.change(owner, { limit: 1 }, 0);

    await expect(settings.change(owner, { limit: 2 }, 0)).rejects.toMatchObject({ code: 'conflict' });
    expect((await settings.change(owner, { limit: 2 }, 1)).revision).toBe(2);
  });

  it('[MGR-5] loses none of the changes that come at once', async () => {
    const names = ['colour', 'limit', 'token', 'text'];
    const values = ['red', 5, 'own', 'long'];
    await Promise.all(names.map((name, n) => settings.change(owner, { [name]: values[n] ?? null })));

    expect(await settings.effective(owner)).toEqual({ colour: 'red', limit: 5, token: 'own', text: 'long' });
  });

  it('[MGR-5] bounds what all settings take together', async () => {
    await expect(settings.change(owner, { text: 'x'.repeat(66_000) })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('[MGR-5] drops what the next version of the plugin does not know', async () => {
    await settings.change(owner, { colour: 'red', limit: 7 });
    const next = {
      ...owner,
      settings_schema: { type: 'object', properties: { limit: { type: 'integer', maximum: 5 } } },
    };

    expect(await settings.effective(next)).toEqual({});
    expect(await settings.change(next, { limit: 5 })).toMatchObject({ values: { limit: 5 }, revision: 2 });
  });

  it.each<[string, JsonObject | undefined, string | null]>([
    ['none', undefined, null],
    ['one that cannot be used', { type: 'string' }, 'settings_schema.type must be "object"'],
  ])('[MGR-5] has nothing to set for a plugin that declares %s', async (_case, schema, problem) => {
    const plain = { id: 'plain', name: 'Plain', ...(schema === undefined ? {} : { settings_schema: schema }) };

    expect(await settings.view(plain)).toMatchObject({ schema: null, problem, values: {} });
    expect(await settings.effective(plain)).toEqual({});
    await expect(settings.change(plain, { a: 1 })).rejects.toMatchObject({ code: 'conflict' });
  });
});
