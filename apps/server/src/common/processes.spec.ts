import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnProcess, SpawnError } from './processes';

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

describe('spawnProcess', () => {
  it('[ISO-1] leads a process group of its own and sees only the environment that is meant for it', async () => {
    process.env['TORU_SECRET_OF_THE_HOST'] = 'x';
    const child = await spawnProcess({
      file: await script('#!/bin/sh\nps -o pgid= -p $$\nenv\n'),
      cwd: dir,
      env: { TORU_PLUGIN_ID: 'acme' },
    });
    let out = '';
    for await (const chunk of child.stdout) out += String(chunk);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(Number(out.split('\n')[0])).toBe(child.pid);
    expect(out).toContain('TORU_PLUGIN_ID=acme');
    expect(out).not.toContain('TORU_SECRET_OF_THE_HOST');
    delete process.env['TORU_SECRET_OF_THE_HOST'];
  });

  it.each([
    ['a missing interpreter', '#!/no/such/interpreter\n', 0o755, 'ENOENT'],
    ['no execute permission', '#!/bin/sh\n', 0o644, 'EACCES'],
    ['no program at all', 'echo run by a shell by mistake\n', 0o755, 'ENOEXEC'],
    ['another architecture', `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x02\0\x2b\0${'\0'.repeat(60)}`, 0o755, 'ENOEXEC'],
  ])('faults 3: %s is the system’s error in words', async (_name, body, mode, code) => {
    const failed = spawnProcess({ file: await script(body, mode), cwd: dir });
    await expect(failed).rejects.toBeInstanceOf(SpawnError);
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(code) as string });
  });

  it('signals the whole group', async () => {
    const child = await spawnProcess({ file: await script('#!/bin/sh\nsleep 600 &\necho $!\nwait\n'), cwd: dir });
    const grandchild = Number(
      await new Promise<string>((resolve) =>
        child.stdout.once('data', (d) => {
          resolve(String(d));
        }),
      ),
    );
    child.signalGroup('SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !lives(grandchild));
    child.signalGroup('SIGKILL');
  });
});
