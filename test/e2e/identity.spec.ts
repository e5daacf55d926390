import type { InstanceInfo } from '@toru/contracts';
import { createTestDatabase, DATABASE_KIND } from '../support/database';
import { createDirectories } from '../support/directories';
import { TestHost } from '../support/host';

const idOf = async (host: TestHost): Promise<string> => (await host.json<InstanceInfo>('/api/instance')).instance_id;

describe('the identity of the instance', () => {
  // one host alone may use the directory of an embedded database
  const hosts = DATABASE_KIND === 'postgres' ? 3 : 1;

  it(`[ID-1] is one for ${hosts} hosts that start at the same moment on one new database, and nothing changes it`, async () => {
    const database = await createTestDatabase();
    const shared = { url: database.url, drop: () => Promise.resolve() };
    const started = Array.from({ length: hosts }, () => new TestHost(createDirectories(), shared, {}));
    try {
      await Promise.all(started.map((host) => host.start()));
      const ids = await Promise.all(started.map(idOf));
      expect(new Set(ids).size).toBe(1);
      expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

      const [host] = started;
      if (host === undefined) throw new Error('no host');
      const other = { instance_id: '6c2e7a4e-9f34-4b0e-8a39-d5a0c1c6a2f1' };
      for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
        const { status } = await host.api('/api/instance', { method, json: other });
        expect([method, status]).toEqual([method, 404]);
      }
      expect(await idOf(host)).toBe(ids[0]);
    } finally {
      for (const host of started) await host.dispose();
      await database.drop();
    }
  });
});
