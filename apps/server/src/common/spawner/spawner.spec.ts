import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { signalProcess, spawnProcess, type SpawnedProcess } from '../processes';
import { Spawner } from './spawner';

let built: string;
let program: string;
let dir: string;
let spawner: Spawner;
let lost: string[];

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'toru-spawner-'));
  program = join(built, 'spawner.mjs');
  const entry = join(import.meta.dirname, 'spawner-main.ts');
  buildSync({ entryPoints: [entry], outfile: program, bundle: true, format: 'esm', platform: 'node' });
});
afterAll(() => rm(built, { recursive: true, force: true }));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'toru-spawner-'));
  lost = [];
  spawner = new Spawner({ program, socket: join(dir, 's.sock'), onLost: (why) => lost.push(why) });
});
afterEach(async () => {
  spawner.close();
  await rm(dir, { recursive: true, force: true });
});

function run(script: string, env = {}): Promise<SpawnedProcess> {
  return spawnProcess({ file: '/bin/sh', args: ['-c', script], cwd: dir, env }, spawner.start);
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

describe('Spawner', () => {
  it('[ISO-1] a program has a group, an environment and outputs of its own', async () => {
    const child = await run('ps -o pgid= -p $$; env; echo problem >&2; exit 7', { TORU_PLUGIN_ID: 'acme' });
    const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(Number(out.split('\n')[0])).toBe(child.pid);
    expect(out).toContain('TORU_PLUGIN_ID=acme');
    expect(err).toBe('problem\n');
  });

  it('[SUP-2] tells by which signal one has ended', async () => {
    const child = await run('exec sleep 600');
    child.signalGroup('SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('tells many apart, each with its own output', async () => {
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const said = await Promise.all(
      numbers.map(async (n) => {
        const child = await run(`echo ${n}; exit ${n}`);
        return [await textOf(child.stdout), (await child.exited).code];
      }),
    );
    expect(said).toEqual(numbers.map((n) => [`${n}\n`, n]));
  });

  it('output larger than any buffer comes whole, to a program that writes without waiting', async () => {
    const child = await run('head -c 3000000 /dev/zero');
    expect((await textOf(child.stdout)).length).toBe(3_000_000);
  });

  it('faults 3: the system’s reason comes through', async () => {
    const file = join(dir, 'script');
    await writeFile(file, '#!/no/such/interpreter\n');
    await chmod(file, 0o755);
    await expect(spawnProcess({ file, cwd: dir }, spawner.start)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('[SUP-2] when it is killed its programs go on, their ends are noticed, and others are started by the host', async () => {
    const child = await run('echo ready; exec sleep 600');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    signalProcess(spawner.pid ?? 0, 'SIGKILL');
    while (lost.length === 0) await delay(5);
    const next = await run('exit 3');
    expect(await next.exited).toEqual({ code: 3, signal: null });
    expect(lost).toEqual(['SIGKILL']);
    expect(lives(child.pid)).toBe(true);
    child.signalGroup('SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: null });
  });

  it('[SUP-6] ends with the host', async () => {
    await (
      await run('exit 0')
    ).exited;
    const { pid } = spawner;
    spawner.close();
    while (lives(pid ?? 0)) await delay(5);
    expect(lost).toEqual([]);
    expect(existsSync(join(dir, 's.sock'))).toBe(false);
  });
});
