import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MAX_METADATA_BYTES } from '@toru/protocol';
import { readMetadata, type MetadataOutput } from './metadata-reader';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const limits = { timeoutMs: 300, maxOutputBytes: MAX_METADATA_BYTES };

async function run(script: string, bounds = { ...limits, timeoutMs: 20_000 }): Promise<MetadataOutput> {
  const path = join(root(), 'x.binary');
  await writeFile(path, script);
  await chmod(path, 0o755);
  return readMetadata(path, bounds);
}

describe('readMetadata', () => {
  it('[META-1] gives what the file prints when it is asked for its metadata, byte for byte', async () => {
    expect(await run('#!/bin/sh\nprintf "%s \\377" "$*"\n')).toEqual({
      ok: true,
      output: Buffer.concat([Buffer.from('--metadata '), Buffer.from([0xff])]),
    });
  });

  it.each([
    ['exits with an error', 'echo "{}"; echo "first" >&2; printf "bad \\033[31mkey\\n" >&2; exit 3', /status 3.*bad \\u\{1b\}\[31mkey$/],
    ['kills itself', 'kill -9 $$', /SIGKILL/],
    ['prints nothing', 'exit 0', /printed nothing/],
  ])('[ISO-4] [META-1] a file that %s is refused with the reason', async (_, body, reason) => {
    expect(await run(`#!/bin/sh\n${body}\n`)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  it('[META-1] (faults 4) one that hangs and ignores SIGTERM is ended', async () => {
    const result = await run('#!/bin/sh\ntrap "" TERM\nwhile :; do sleep 60; done\n', limits);
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('within 300 ms') as string, timedOut: true });
  });

  it('[META-1] (faults 4) one that prints without end is ended', async () => {
    const result = await run('#!/bin/sh\nexec yes\n');
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('more than 65536 bytes') as string });
  });

  it('[META-1] (faults 4) a grandchild that holds stdout does not hold up the answer', async () => {
    expect(await run('#!/bin/sh\necho "{}"\nsleep 600 &\n')).toEqual({ ok: true, output: Buffer.from('{}\n') });
  });

  it.each([
    ['a missing interpreter', '#!/no/such/interpreter\n', 'ENOENT'],
    ['no program at all', 'plain text\n', 'ENOEXEC'],
    ['a cut ELF header', '\u007fELF', 'ENOEXEC'],
  ])('[ISO-4] (faults 3) %s is refused with the error of the system', async (_, content, code) => {
    expect(await run(content)).toEqual({ ok: false, reason: expect.stringContaining(code) as string });
  });

  it('[META-1] the host’s own environment is not shown to it', async () => {
    process.env.TORU_TEST_SECRET = 'secret';
    try {
      const result = await run('#!/bin/sh\nprintf "[%s]" "$TORU_TEST_SECRET"\n');
      expect(result).toEqual({ ok: true, output: Buffer.from('[]') });
    } finally {
      delete process.env.TORU_TEST_SECRET;
    }
  });
});
