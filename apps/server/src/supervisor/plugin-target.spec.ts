import { parseMetadata } from '@toru/protocol';
import { FakeClock } from '@toru/testing';
import { VersionStore, type ValidEntry } from '../plugins';
import { PluginTarget } from './plugin-target';
import { versionOf } from './testing/actor-stage';

const [OLD, OLDER, OTHER] = [`abcdef12${'0'.repeat(56)}`, `abcdef12${'1'.repeat(56)}`, 'f'.repeat(64)];

describe('PluginTarget', () => {
  /** `/dev/null` is no directory: nothing is written. */
  const store = (): VersionStore => new VersionStore({ dataDir: '/dev/null', parseMetadata, problem: () => undefined });
  const version = (name: string, digest: string): ValidEntry => ({ ...versionOf(name), digest });

  /** Three that were ready; the file, which runs, among them. */
  function target(): PluginTarget {
    const made = new PluginTarget(version('3.0.0', OTHER), store(), new FakeClock());
    made.wasReady(version('1.0.0', OLDER));
    made.wasReady(version('2.0.0', OLD));
    made.wasReady(version('3.0.0', OTHER));
    return made;
  }

  it.each([OLD, OLD.slice(0, 9)])(
    '[SUP-8] the beginning of a digest is enough where only one begins so: %s',
    (digest) => {
      const chosen = target();
      expect(chosen.choose(digest).metadata.version).toBe('2.0.0');
      expect(chosen.entry.metadata.version).toBe('2.0.0');
    },
  );

  it('[SUP-8] does nothing where several versions begin so, and says which', () => {
    const unchanged = target();
    expect(() => unchanged.choose('abcdef12')).toThrow(
      `The digests of 2 versions begin with abcdef12: 2.0.0 (${OLD}), 1.0.0 (${OLDER}). Give more of it.`,
    );
    expect(unchanged.entry.metadata.version).toBe('3.0.0');
  });

  it.each([
    ['ffffffff', 'Version 3.0.0 is the one that runs.'],
    ['12345678', 'There is no such version'],
  ])('[SUP-8] refuses %s: %s', (digest, detail) => {
    expect(() => target().choose(digest)).toThrow(detail);
  });

  it('[SUP-8] a file that cannot be used any more, and one that is mended, change nothing of what is to run', () => {
    const chosen = target();
    const file = version('3.0.0', OTHER);
    expect(chosen.fileIs({ ...file, fileProblem: 'it is empty' })).toBe(false);
    expect(chosen.entry.digest).toBe(OTHER);
    chosen.choose(OLD);
    expect(chosen.fileIs({ ...file, fileProblem: 'it is a directory, not a regular file' })).toBe(false);
    const files = (): unknown[] => chosen.versions.filter(({ isFile }) => isFile).map((listed) => listed.version);
    expect(chosen.versions).toHaveLength(3);
    expect(files()).toEqual([]);
    expect(chosen.fileIs(file)).toBe(false);
    expect(files()).toEqual(['3.0.0']);
    expect(chosen.entry.digest).toBe(OLD);
  });
});
