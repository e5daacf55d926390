import { SystemClock } from '../common';
import { openDataSource } from '../database/open-data-source';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { InstanceController } from './instance.controller';
import { InstanceService } from './instance.service';

describe('the identity of the instance', () => {
  const clock = new SystemClock();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    await database.close();
  });

  it('[ID-1] is a UUID v4, and a later start loads the same', async () => {
    const first = await InstanceService.load(database.dataSource, clock);
    expect(first.instanceId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await database.dataSource.destroy();

    const later = await openDataSource(database.options);
    try {
      expect((await InstanceService.load(later, clock)).instanceId).toBe(first.instanceId);
    } finally {
      await later.destroy();
    }
  });

  it('[ID-1] is the same for two hosts that start on one database together', async () => {
    const other = await openDataSource(database.options);
    try {
      const ids = await Promise.all(
        [database.dataSource, other, database.dataSource, other].map(
          async (dataSource) => (await InstanceService.load(dataSource, clock)).instanceId,
        ),
      );
      expect(new Set(ids).size).toBe(1);
    } finally {
      await other.destroy();
    }
  });

  it('[ID-1] is another one on another database', async () => {
    const other = await openTestDatabase();
    try {
      const ids = await Promise.all(
        [database, other].map(async ({ dataSource }) => (await InstanceService.load(dataSource, clock)).instanceId),
      );
      expect(ids[0]).not.toBe(ids[1]);
    } finally {
      await other.close();
    }
  });

  it('[ID-1] is shown together with the version of the host', async () => {
    const instance = await InstanceService.load(database.dataSource, clock);
    expect(new InstanceController(instance).get()).toEqual({
      instance_id: instance.instanceId,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});
