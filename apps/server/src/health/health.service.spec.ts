import { FakeClock } from '@toru/testing';
import { HealthService } from './health.service';

describe('HealthService', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 21));
  const health = (query: () => Promise<unknown>, hasReadPlugins = true): HealthService =>
    new HealthService(
      { query } as unknown as ConstructorParameters<typeof HealthService>[0],
      { hasReadPlugins, starting: 0 } as ConstructorParameters<typeof HealthService>[1],
      clock,
    );
  const answers = (): Promise<unknown> => Promise.resolve([]);
  const fails = (): Promise<unknown> => Promise.reject(new Error('gone'));

  it('[OBS-5] is ready when the database answers and the plugins were read', async () => {
    expect(await health(answers).notReadyBecause()).toBeUndefined();
  });

  it('[OBS-5] names every reason, with the code of the first', async () => {
    const broken = health(fails, false);
    expect(await broken.notReadyBecause()).toMatchObject({
      code: 'storage_unavailable',
      message: 'The database does not answer. The plugins are still being read.',
      retryAfterSeconds: 1,
    });
    expect(await health(answers, false).notReadyBecause()).toMatchObject({ code: 'not_ready', status: 503 });
    broken.end();
    expect(await broken.notReadyBecause()).toMatchObject({ code: 'shutting_down' });
  });

  it('[OBS-5] does not wait for a database that hangs', async () => {
    const verdict = health(() => new Promise(() => undefined)).notReadyBecause();
    clock.advance(2_000);
    expect(await verdict).toMatchObject({ code: 'storage_unavailable' });
  });
});
