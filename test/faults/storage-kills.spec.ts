import path from 'node:path';
import Database from 'better-sqlite3';
import type { InstanceInfo, KvAnswer } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { untilNoClients } from '../support/postgres-clients';
import { addToken } from '../support/users';

const KILLS = 3;
const WRITERS = 8;
/** It is started once for each kill. Only a hang reaches it. */
const TIMEOUT_MS = 240_000;
/** The host is killed while the writers write on, after so many answers; other ones each time. */
const ANSWERS_BEFORE_KILL = [25, 160, 90];

describe('the host is killed while it writes', () => {
  let host: TestHost;
  let token: string;
  let instance: string;
  let killed = false;

  beforeAll(async () => {
    // never started: its storage serves all the same, and nothing of it outlives the host
    host = await startHost({ plugins: { alpha: { behaviour: 'no-socket' } }, env: { TORU_READY_TIMEOUT_MS: '100' } });
    ({ token } = await addToken(host, 'writer', 'admin'));
    await untilReady();
    instance = await instanceId();
  });
  afterAll(() => host.dispose());

  /** It listens before it has read its plugins. */
  const untilReady = (): Promise<unknown> =>
    host.waitFor('the host to be ready', async () => (await host.api('/health/ready', { as: 'nobody' })).ok);
  const instanceId = async (): Promise<string> => (await host.json<InstanceInfo>('/api/instance')).instance_id;
  const kv = (json: object): Promise<KvAnswer> =>
    host.json<KvAnswer>('/api/plugins/alpha/kv', { method: 'POST', json, as: { token } });

  /** Writes until the host is gone. Calls back after each answer, with what is certain to be stored from then on. */
  async function write(run: number, writer: number, onAnswer: (key: string, value: string) => void): Promise<void> {
    for (let n = 0; ; n++) {
      // every third write changes a key that all writers of one row share with the runs before
      const key = n % 3 === 0 ? `shared ${writer}` : `run ${run} writer ${writer} ${n}`;
      const value = `${run}/${writer}/${n} ${'x'.repeat(n % 2000)}`;
      try {
        await kv({ action: 'set', key, value });
      } catch (error) {
        if (killed) return;
        throw error;
      }
      onAnswer(key, value);
    }
  }

  it(
    '[KV-5] [ID-1] faults 30: every acknowledged write is there, each time, and the database is sound',
    async () => {
      const stored = new Map<string, string>();
      for (let run = 0; run < KILLS; run++) {
        let answers = 0;
        killed = false;
        let enough: () => void;
        const reached = new Promise<void>((resolve) => (enough = resolve));
        const writers = Array.from({ length: WRITERS }, (_, writer) =>
          write(run, writer, (key, value) => {
            stored.set(key, value);
            answers += 1;
            if (answers === ANSWERS_BEFORE_KILL[run]) enough();
          }),
        );
        await Promise.race([reached, Promise.all(writers)]);
        killed = true;
        await host.kill();
        await Promise.all(writers);
        expect(answers).toBeGreaterThanOrEqual(ANSWERS_BEFORE_KILL[run] ?? Infinity);

        if (host.databaseUrl === undefined) expect(integrityOf(host)).toEqual([{ integrity_check: 'ok' }]);
        else await untilNoClients(host.databaseUrl);
        await host.start();
        await untilReady();
        expect(await instanceId()).toBe(instance);
        const unread = [...stored];
        const lost: string[] = [];
        const read = async (): Promise<void> => {
          for (let next = unread.pop(); next !== undefined; next = unread.pop()) {
            const [key, value] = next;
            const found = await kv({ action: 'get', key });
            if (!isThisOrLater(key, value, found.value ?? '')) lost.push(key);
          }
        };
        await Promise.all(Array.from({ length: WRITERS }, read));
        expect(lost).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );
});

/** A shared key may also hold the one write whose answer the kill has swallowed. */
function isThisOrLater(key: string, value: string, found: string): boolean {
  if (found === value) return true;
  const [run, writer, n] = numbersOf(value);
  const [foundRun, foundWriter, foundN] = numbersOf(found);
  // a run in which it had no answer at all may lie between the two
  const isNext = foundRun === run ? foundN === (n ?? 0) + 3 : (foundRun ?? 0) > (run ?? 0) && foundN === 0;
  return key.startsWith('shared ') && foundWriter === writer && isNext;
}

function numbersOf(value: string): readonly number[] {
  return (value.split(' ', 1)[0] ?? '').split('/').map(Number);
}

function integrityOf(host: TestHost): unknown {
  const database = new Database(path.join(host.directories.data, 'toru.sqlite'));
  try {
    return database.pragma('integrity_check');
  } finally {
    database.close();
  }
}
