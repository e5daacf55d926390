import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixtureSource, type Behaviour, type Fixture } from '../fixtures/write-fixture';
import type { TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** How a version fares: it serves, it never becomes ready, or it ends a moment after it was. */
export type Fate = 'good' | 'broken' | 'fleeting';

/** One of the dozen. */
export interface ChaosPlugin {
  readonly id: string;
  readonly protocol: 1 | 2;
  /** What a good version of one with protocol 1 does beside serving. */
  readonly behaviour?: Behaviour;
}

export const CHAOS_PLUGINS: readonly ChaosPlugin[] = [
  ...['one-a', 'one-b', 'one-c'].map((id) => ({ id, protocol: 1 as const })),
  { id: 'one-tribe', protocol: 1, behaviour: 'grandchild-in-own-session' },
  { id: 'one-deaf', protocol: 1, behaviour: 'ignores-sigterm' },
  { id: 'one-slow', protocol: 1, behaviour: 'starts-slowly' },
  { id: 'one-by-one', protocol: 1, behaviour: 'sequential' },
  ...['two-a', 'two-b', 'two-c', 'two-d', 'two-e'].map((id) => ({ id, protocol: 2 as const })),
];

const FATES_OF_V1 = { broken: 'exits-at-once', fleeting: 'exits-soon' } as const satisfies Partial<
  Record<Fate, Behaviour>
>;

/** Writes the plugins' files, and remembers which versions there were. */
export class ChaosFiles {
  private readonly built: string;
  private readonly numbers = new Map<string, number>();
  private readonly versions = new Map<string, Set<string>>();
  private readonly newest = new Map<string, string>();

  /** Builds the plugin of version 2 below the host's data directory. */
  constructor(private readonly host: TestHost) {
    const file = path.join(host.directories.data, 'sdk-chaos.built');
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/sdk-chaos.ts', '-o', file], {
      cwd: ROOT,
    });
    this.built = readFileSync(file, 'utf8');
  }

  /** Replaces a plugin's file at once with one of another version, and returns that. */
  install(plugin: ChaosPlugin, fate: Fate): string {
    const number = (this.numbers.get(plugin.id) ?? 0) + 1;
    this.numbers.set(plugin.id, number);
    const version = fate === 'good' ? `1.0.${number}` : `1.0.${number}-${fate}`;
    // one that never becomes ready never answers
    if (fate !== 'broken') this.versions.set(plugin.id, new Set([...(this.versions.get(plugin.id) ?? []), version]));
    this.newest.set(plugin.id, version);
    const { plugins } = this.host.directories;
    const temporary = path.join(plugins, `.${randomUUID()}`);
    writeFileSync(temporary, this.source(plugin, version, fate), { mode: 0o755 });
    renameSync(temporary, path.join(plugins, `${plugin.id}.binary`));
    return version;
  }

  /** Whether it may answer as this version. */
  mayServe(id: string, version: string): boolean {
    return this.versions.get(id)?.has(version) === true;
  }

  /** The version of its file. */
  versionOf(id: string): string {
    return this.newest.get(id) ?? 'none';
  }

  private source({ id, protocol, behaviour = 'good' }: ChaosPlugin, version: string, fate: Fate): string {
    if (protocol === 2) return this.built.replaceAll('0.0.0-version', version).replaceAll('chaos-id', id);
    const fixture: Fixture = {
      ...{ id, metadata: { version }, ms: 100 },
      behaviour: fate === 'good' ? behaviour : FATES_OF_V1[fate],
    };
    return fixtureSource(this.host.directories.plugins, fixture);
  }
}
