import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMetadata } from '@toru/protocol';
import type { ValidEntry } from './catalogue-entry';
import { VersionStore } from './version-store';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'toru-versions-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const open = (): VersionStore => new VersionStore({ dataDir, parseMetadata, problem: (detail) => expect(detail).toBe('') });

function versionOf(version: string, digest: string): ValidEntry {
  const metadata = { id: 'acme', name: 'Acme', version, icon: 'A', route: '/acme' };
  const result = parseMetadata(Buffer.from(JSON.stringify(metadata)));
  if (!result.ok) throw new Error('the metadata of the test are wrong');
  const executable = join(dataDir, 'binaries', digest, 'acme.binary');
  return { kind: 'valid', id: 'acme', file: 'acme.binary', executable, digest, metadata: result.metadata };
}

describe('VersionStore', () => {
  it.each([true, false])(
    '[SUP-8] [LIC-3] knows after a restart which version runs, and that the file waits for another key: %j',
    async (untilKeyChanges) => {
      const runs = versionOf('1.0.0', 'a'.repeat(64));
      const held = { digest: 'b'.repeat(64), reason: 'refused', instead: runs.digest, untilKeyChanges };
      const store = open();
      store.replace('Acme', { versions: [{ entry: runs, readyAt: 5 }], held });
      await store.flush();
      const later = open();
      await later.load();

      expect(later.of('acme')).toEqual({ versions: [{ entry: runs, readyAt: 5 }], held });
    },
  );

  it('[SUP-8] what is wrong with a file is not remembered with the version before it', async () => {
    const runs = versionOf('1.0.0', 'a'.repeat(64));
    const store = open();
    store.replace('acme', { versions: [{ entry: { ...runs, fileProblem: 'it is empty' }, readyAt: 5 }], held: null });
    await store.flush();

    expect(readFileSync(join(dataDir, 'versions.json'), 'utf8')).not.toContain('it is empty');
  });
});
