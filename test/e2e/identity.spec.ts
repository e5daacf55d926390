import type { InstanceInfo } from '@toru/contracts';
import { createTestDatabase } from '../support/database';
import { createDirectories } from '../support/directories';
import { TestHost } from '../support/host';

const HOSTS = 3;
const idOf = async (host: TestHost): Promise<string> => (await host.json<InstanceInfo>('/api/instance')).instance_id;

/** Not with an embedded database, whose directory one host alone may use. */
it(`[ID-1] the identity is one for ${HOSTS} hosts that start at the same moment on one new database`, async () => {
  const database = await createTestDatabase();
  const shared = { url: database.url, drop: () => Promise.resolve() };
  const started = Array.from({ length: HOSTS }, () => new TestHost(createDirectories(), shared, {}));
  try {
    await Promise.all(started.map((host) => host.start()));
    const ids = await Promise.all(started.map(idOf));

    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(1);
  } finally {
    for (const host of started) await host.dispose();
    await database.drop();
  }
});
