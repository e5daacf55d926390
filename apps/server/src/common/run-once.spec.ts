import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnProcess, type SpawnedProcess, type SpawnOptions } from './processes';
import { runOnce } from './run-once';

/** Far longer than anything takes that ends by itself or is ended for another reason. */
const limits = { timeoutMs: 100_000, maxOutputBytes: 1024 };
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'toru-proc-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function script(body: string, mode = 0o755): Promise<string> {
  const file = join(dir, 'script');
  await writeFile(file, body);
  await chmod(file, mode);
  return file;
}

/** Whether a process lives; a zombie that waits for its parent counts as ended. */
function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe('runOnce', () => {
  it('returns what was printed', async () => {
    const run = await runOnce(await script('#!/bin/sh\necho "$1"; echo why >&2; exit 3\n'), ['--metadata'], {
      cwd: dir,
      ...limits,
    });
    expect(run).toEqual({
      kind: 'exited',
      code: 3,
      signal: null,
      stdout: Buffer.from('--metadata\n'),
      stderrTail: 'why',
    });
  });

  it('faults 4: one that hangs and ignores SIGTERM is ended, its children too', async () => {
    const started = join(dir, 'started');
    const body = 'trap "" TERM\nsleep 600 &\necho $! > child\n: > started\nwhile :; do sleep 600; done\n';
    // its time begins when it has a child, however long the machine takes for that
    const spawn = async (options: SpawnOptions): Promise<SpawnedProcess> => {
      const child = await spawnProcess(options);
      await until(() => existsSync(started));
      return child;
    };
    const run = await runOnce(await script(`#!/bin/sh\n${body}`), [], { cwd: dir, ...limits, timeoutMs: 50, spawn });
    expect(run).toMatchObject({ kind: 'timeout' });
    const grandchild = Number(await readFile(join(dir, 'child'), 'utf8'));
    await until(() => !lives(grandchild));
  });

  it('faults 4: one that prints without end is ended', async () => {
    const run = await runOnce(await script('#!/bin/sh\nexec yes\n'), [], { cwd: dir, ...limits });
    expect(run).toMatchObject({ kind: 'output_too_large' });
  });

  it('faults 4: a grandchild that holds the output does not hold the host', async () => {
    const run = await runOnce(await script('#!/bin/sh\necho done\nsleep 600 &\necho $! > child\n'), [], {
      cwd: dir,
      ...limits,
    });
    expect(run).toMatchObject({ kind: 'exited', code: 0, stdout: Buffer.from('done\n') });
    const grandchild = Number(await readFile(join(dir, 'child'), 'utf8'));
    await until(() => !lives(grandchild));
  });

  it('faults 3: a file that cannot be started says why', async () => {
    const run = await runOnce(join(dir, 'nothing'), [], { cwd: dir, ...limits });
    expect(run).toMatchObject({ kind: 'spawn_failed', message: expect.stringContaining('ENOENT') as string });
  });
});
