import type { PluginLicense } from '@toru/contracts';
import { FakeClock } from '@toru/testing';
import type { EventsService } from '../events';
import { LicenceKeys, type LicenceTerms } from '../licences';
import { LicensedPluginsService } from './licensed-plugins.service';
import type { PluginRuntime } from './plugin-runtime.port';
import type { PluginsService } from './plugins.service';

type Store = ConstructorParameters<typeof LicenceKeys>[0];
type Files = ConstructorParameters<typeof LicenceKeys>[1];

/** The service over a store that takes its time, as a database does. */
function open() {
  const entered = new Map<string, string>();
  const told: unknown[] = [];
  const turn = (): Promise<void> => new Promise(setImmediate);
  const store = {
    read: async (id: string) => {
      await turn();
      const key = entered.get(id);
      return key === undefined ? undefined : { key, enteredAt: 'then' };
    },
    write: async (id: string, { key }: { key: string }) => {
      await turn();
      entered.set(id, key);
    },
    remove: async (id: string) => {
      await turn();
      entered.delete(id);
    },
  } as unknown as Store;
  const files = { of: () => undefined } as unknown as Files;
  const keys = new LicenceKeys(store, files, new FakeClock());
  const plugins = { requireValid: (id: string) => ({ id, metadata: { id, license: 'required' } }) };
  const terms = {
    of: async ({ id }: { id: string }) => ({ plugin: id, source: (await keys.of(id)).source }) as PluginLicense,
  };
  const service = new LicensedPluginsService(
    plugins as unknown as PluginsService,
    keys,
    terms as unknown as LicenceTerms,
    { licenceChanged: () => 'started' } as unknown as PluginRuntime,
    { record: (_plugin: string, type: string, { source }: PluginLicense) => told.push([type, source]) } as unknown as EventsService,
  );
  return { service, told };
}

describe('LicensedPluginsService', () => {
  it('[LIC-3] [LIF-5] a key that is entered and removed at once is changed in that order, each change told as it was', async () => {
    const { service, told } = open();
    const outcomes = await Promise.all([
      service.enter('Acme', 'KEY'),
      service.remove('acme'),
      service.enter('acme', 'KEY'),
      service.enter('ACME', 'KEY'),
    ]);
    expect(outcomes.map(({ source, applied }) => [source, applied])).toEqual([
      ['entered', 'started'],
      [null, 'started'],
      ['entered', 'started'],
      ['entered', 'unchanged'],
    ]);
    expect(told).toEqual([
      ['license_changed', 'entered'],
      ['license_changed', null],
      ['license_changed', 'entered'],
    ]);
  });

  it('[LIF-5] a change that fails holds up nobody', async () => {
    const { service } = open();
    const [removed, entered] = await Promise.allSettled([service.remove('acme'), service.enter('acme', 'KEY')]);
    expect(removed).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
    expect(entered).toMatchObject({ status: 'fulfilled', value: { applied: 'started' } });
  });
});
