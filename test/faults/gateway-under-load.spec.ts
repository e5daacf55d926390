import { execFileSync } from 'node:child_process';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { PluginLimits, ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { journalOf } from '../support/journal-of';

const CLIENTS = 12;
const SIZE = 300_000;
/** Each kind of request has to have come out right so often, and the plugins have to have been restarted so often. */
const RIGHT = 25;
const RESTARTS = 3;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Kind {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: (seed: string) => string;
  readonly body?: (seed: string) => Buffer;
  readonly expected: (seed: string, path: string) => Buffer;
  /** The part of the answer that is compared. */
  readonly part?: (body: Buffer) => Buffer;
}

const patterned = (seed: string): Buffer =>
  Buffer.concat(Array.from({ length: Math.ceil(SIZE / 16_384) }, () => Buffer.alloc(16_384, `${seed};`))).subarray(
    0,
    SIZE,
  );
const text = (seed: string): Buffer => Buffer.from(seed);

const KINDS: readonly Kind[] = [
  { name: 'small', method: 'GET', path: (seed) => `/plugins/mirror/text/${seed}`, expected: text },
  { name: 'slow', method: 'GET', path: (seed) => `/api/plugins/mirror/slow/${seed}`, expected: text },
  {
    name: 'download',
    method: 'GET',
    path: (seed) => `/api/plugins/route/mirror/bytes/${seed}/${SIZE}`,
    expected: patterned,
  },
  { name: 'small upload', method: 'POST', path: () => '/plugins/mirror/echo', body: text, expected: text },
  { name: 'upload', method: 'POST', path: () => '/plugins/mirror/echo', body: patterned, expected: patterned },
  {
    ...{ name: 'version 1', method: 'GET', path: (seed) => `/plugins/old/echo/${seed}` },
    expected: (_, asked) => Buffer.from(asked.replace('/plugins', '')),
    part: (body) => Buffer.from((JSON.parse(body.toString()) as { path: string }).path),
  },
];

describe('the gateway under load and faults', () => {
  let host: TestHost;
  let cookie: string;
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * CLIENTS });

  beforeAll(async () => {
    host = await startHost({
      plugins: { old: {}, dies: { journal: true } },
      env: {
        TORU_BACKOFF_BASE_MS: '20',
        TORU_BACKOFF_MAX_MS: '20',
        TORU_SHUTDOWN_GRACE_MS: '50',
        TORU_DRAIN_MS: '600000',
      },
    });
    const file = path.join(host.directories.plugins, 'mirror.binary');
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/mirror.ts', '-o', file], {
      cwd: path.resolve(import.meta.dirname, '../..'),
    });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.enable('mirror');
    await host.untilPlugin('mirror', 'running');
    await host.untilPlugin('old', 'running');
    cookie = await host.adminCookie();
  });
  afterAll(async () => {
    agent.destroy();
    await (host as TestHost | undefined)?.dispose();
  });

  /** Rejects where the connection broke. @param onData called with each piece of the answer */
  const ask = (
    kind: Pick<Kind, 'method'>,
    target: string,
    body?: Buffer,
    onData?: (leave: () => void) => void,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        cookie,
        origin: host.url,
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      };
      const request = httpRequest(host.url + target, { method: kind.method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          onData?.(() => request.destroy());
        });
        response.on('error', reject);
        response.on('end', () => {
          if (!response.complete) reject(new Error('the answer was cut'));
          else resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      request.on('error', reject);
      request.end(body);
    });

  it('[RTE-6] [ISO-2] [PRO-3] faults 8, 10, 20: whoever gets an answer gets the own one, while others leave and plugins restart', async () => {
    const { pid } = host;
    const right = new Map(KINDS.map(({ name }) => [name, 0]));
    const wrong: string[] = [];
    let restarts = 0;
    let left = 0;
    let count = 0;
    const isDone = (): boolean =>
      wrong.length > 0 || (restarts >= RESTARTS && [...right.values()].every((n) => n >= RIGHT));

    const judge = (kind: Kind, seed: string, target: string, answer: Answer): void => {
      const problem = String(answer.headers['content-type']).startsWith('application/problem+json');
      if (answer.status === 200 && !problem) {
        const got = kind.part?.(answer.body) ?? answer.body;
        if (got.equals(kind.expected(seed, target))) right.set(kind.name, (right.get(kind.name) ?? 0) + 1);
        else wrong.push(`${target} (${seed}): ${got.subarray(0, 80).toString()} … ${got.length}`);
        return;
      }
      const { instance, code } = problem
        ? (JSON.parse(answer.body.toString()) as ProblemDetails)
        : { instance: '', code: '' };
      // the plugin is being restarted, was just killed, or has as many requests as it may have
      const isOwn = instance === target && ['plugin_error', 'plugin_unavailable', 'plugin_busy'].includes(code);
      // what the SDK says of requests that come while it ends
      const isEnding = answer.status === 503 && answer.body.includes('The plugin is about to end');
      if (!isOwn && !isEnding) wrong.push(`${target}: ${answer.status} ${answer.body.subarray(0, 200).toString()}`);
    };
    const client = async (index: number): Promise<void> => {
      for (let n = index; !isDone(); n++) {
        const kind = KINDS[n % KINDS.length] as Kind;
        const seed = `s${count++}`;
        const target = kind.path(seed);
        const answer = await ask(kind, target, kind.body?.(seed)).catch(() => undefined);
        if (answer !== undefined) judge(kind, seed, target, answer);
      }
    };
    /** Goes away in the middle of an answer or of a request. */
    const leaver = async (): Promise<void> => {
      while (!isDone()) {
        await ask({ method: 'GET' }, `/plugins/mirror/bytes/gone/${SIZE}`, undefined, (leave) => {
          leave();
        }).catch(() => undefined);
        left += 1;
      }
    };
    const restarter = async (): Promise<void> => {
      for (const ids = ['mirror', 'old']; !isDone();) {
        await Promise.all(ids.map((id) => host.api(`/api/plugins/${id}/restart`, { method: 'POST' })));
        restarts += 1;
        const before = count;
        await host.waitFor('requests after a restart', () => isDone() || count > before + 4 * CLIENTS);
      }
    };

    await Promise.all([
      ...Array.from({ length: CLIENTS }, (_, index) => client(index)),
      leaver(),
      leaver(),
      restarter(),
    ]);
    expect(wrong).toEqual([]);
    expect(host.pid).toBe(pid);
    expect(left).toBeGreaterThan(0);
  });

  it('[RTE-6] faults 20: whoever left has given the places back', async () => {
    await host.untilPlugin('mirror', 'running');
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        Array.from({ length: 16 }, () =>
          ask({ method: 'GET' }, `/plugins/mirror/bytes/gone/${100 * SIZE}`, undefined, (leave) => {
            leave();
          }).catch(() => undefined),
        ),
      );
    }
    // as many as it may have, and as many as may wait beside them; that they have left is noticed a moment later
    await host.waitFor('all places to be free', async () => {
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, n) => ask({ method: 'GET' }, `/plugins/mirror/slow/n${n}`)),
      );
      return answers.every(({ status, body }, n) => status === 200 && body.toString() === `n${n}`);
    });
  });

  it('[PRO-4] [META-1] what the plugin proposes holds, and what an administrator sets holds instead', async () => {
    expect((await ask({ method: 'GET' }, '/plugins/mirror/never')).status).toBe(504);
    const big = Buffer.alloc(1_001, 'x');
    expect((await ask({ method: 'POST' }, '/plugins/mirror/small/echo', big)).status).toBe(413);

    const set = { paths: [{ path: '/small/*', max_body_bytes: 2_000 }] };
    const put = await host.api('/api/plugins/mirror/limits', { method: 'PUT', json: { limits: set } });
    expect(await put.json()).toMatchObject({
      set,
      proposed: { concurrency: 16 },
      effective: { concurrency: 16 },
      revision: 1,
    });
    expect((await ask({ method: 'POST' }, '/plugins/mirror/small/echo', big)).status).toBe(200);
    const wrong = await host.api('/api/plugins/mirror/limits', { method: 'PUT', json: { limits: { queue: 'x' } } });
    expect(await wrong.json()).toMatchObject({ code: 'validation_failed', errors: [{ path: 'limits.queue' }] });
    expect(await host.json<PluginLimits>('/api/plugins/mirror/limits')).toMatchObject({ set, revision: 1 });
  });

  it.each(['POST', 'GET'] as const)(
    '[PRO-4] faults 24: a %s whose plugin dies is a 502, and never sent again',
    async (method) => {
      await host.untilPlugin('dies', 'running');
      const answer = await ask(
        { method },
        '/plugins/dies/chaos/crash',
        method === 'POST' ? Buffer.from('x') : undefined,
      );
      expect(answer.status).toBe(502);
      await host.waitFor('the next process to answer', async () => {
        return (await ask({ method: 'GET' }, '/plugins/dies/echo/after')).status === 200;
      });
      expect(journalOf(host, 'dies').filter((line) => line.startsWith(`${method} /dies/chaos/crash`))).toHaveLength(1);
    },
  );

  it('[SUP-7] a host that stops does not wait for an event stream, and ends it whole', async () => {
    let opened: () => void = () => undefined;
    const isOpen = new Promise<void>((resolve) => (opened = resolve));
    const ended = new Promise<Answer>((resolve, reject) => {
      ask({ method: 'GET' }, '/plugins/mirror/events', undefined, opened).then(resolve, reject);
    });
    await isOpen;
    await host.stop();
    expect((await ended).body.toString()).toBe('data: 1\n\n');
  });
});
