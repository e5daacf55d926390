import { jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../cli-error';
import { addBuildCommand } from './build.command';

const PLUGIN = `console.log('{"id":"acme","name":"A","version":"1.2.3","icon":"A","route":"/acme"}');`;

describe('toru build', () => {
  let folder: string;
  let told: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'toru-b-'));
    mkdirSync(path.join(folder, 'folder'));
    for (const [name, text] of [
      ['plugin.ts', PLUGIN],
      ['silent.ts', 'export {};'],
      ['notes.txt', PLUGIN],
      ['old.binary', 'old'],
    ] as const) {
      writeFileSync(path.join(folder, name), text);
    }
    told = '';
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        told += String(text);
        return true;
      });
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => path.join(folder, name);
  async function build(...args: readonly string[]): Promise<void> {
    const program = new Command().exitOverride();
    addBuildCommand(program);
    await program.parseAsync(['build', ...args], { from: 'user' });
  }

  it.each([
    [/there is no file .*nothing\.ts/, 'nothing.ts', 'a.binary'],
    [/folder is no file: name the one in it that calls run\(\)/, 'folder', 'a.binary'],
    [/notes\.txt is neither TypeScript nor JavaScript/, 'notes.txt', 'a.binary'],
    [/folder is a folder: name the file/, 'plugin.ts', 'folder'],
    [/plugin\.ts is the entry itself/, 'plugin.ts', 'folder/../plugin.ts'],
  ])('[LANG-3] refuses wrong usage: %s', async (problem, entry, output) => {
    const failure: unknown = await build(at(entry), '-o', `${folder}/${output}`).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toMatch(problem);
    expect(readFileSync(at('plugin.ts'), 'utf8')).toBe(PLUGIN);
  });

  it('[LANG-3] asks for what is missing, the entry first', async () => {
    await expect(build(at('nothing.ts'))).rejects.toThrow(/there is no file/);
    await expect(build(at('plugin.ts'))).rejects.toThrow(/-o <file>/);
  });

  it('[LANG-3] says what it has built', async () => {
    await build(at('plugin.ts'), '-o', at('old.binary'));

    expect(told).toContain(`Built ${at('old.binary')}: acme 1.2.3, protocol 1.\n`);
    expect(readFileSync(at('old.binary'), 'utf8')).toContain('#!/usr/bin/env node');
  });

  it('[LANG-3] keeps what was there where the entry is no plugin, unless told not to look', async () => {
    await build(at('silent.ts'), '-o', at('old.binary'));

    expect(told).toMatch(
      /was not built: its --metadata is of no use to a host: it printed nothing\. Does .* run\(\)\?/,
    );
    expect(process.exitCode).toBe(1);
    expect(readFileSync(at('old.binary'), 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);

    await build(at('silent.ts'), '--no-check', '-o', at('old.binary'));
    expect(readFileSync(at('old.binary'), 'utf8')).toContain('#!/usr/bin/env node');
  });
});
