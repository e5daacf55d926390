import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Catalogue } from './catalogue';
import type { CatalogueDiff } from './catalogue-entry';
import { discover } from './discovery';
import { PluginsWatcher } from './plugins-watcher';
import { temporaryDirectory } from './testing/temporary-directory';

let watcher: PluginsWatcher;
// before its directory goes
afterEach(() => watcher.onModuleDestroy());
const root = temporaryDirectory();

describe('PluginsWatcher', () => {
  it.each([[true], [false]])(
    'faults 15: what a scan could not look into is tried until it can be, watching or not (%s)',
    async (watches) => {
      const pluginsDir = join(root(), 'plugins');
      await mkdir(pluginsDir);
      let listener = (): void => undefined;
      let scans = 0;
      let caughtUp = (): void => undefined;
      const done = new Promise<void>((resolve) => (caughtUp = resolve));
      const catalogue = {
        found: [],
        isBehind: true,
        hasDueFile: false,
        problem: undefined,
        onScanned: (told: () => void) => (listener = told),
        scan: () => {
          scans += 1;
          catalogue.isBehind = scans < 3;
          listener();
          if (!catalogue.isBehind) caughtUp();
          return Promise.resolve({ added: [], changed: [], removed: [] });
        },
      };
      const failed = jest.fn();
      watcher = new PluginsWatcher({
        ...{ pluginsDir, settleMs: 1, catalogue, failed, firstRetryMs: 1 },
        takeUpLicences: () => Promise.resolve(),
      });
      watcher.start(watches);
      await done;
      expect(scans).toBe(3);
      expect(failed).not.toHaveBeenCalled();
    },
  );

  it('[META-2] a file that took too long with its metadata is asked again when it is due, though nothing has changed', async () => {
    const pluginsDir = join(root(), 'plugins');
    await mkdir(pluginsDir);
    const catalogue = {
      ...{ found: [], isBehind: false, hasDueFile: true, problem: undefined, onScanned: () => undefined },
      scan: jest.fn<Catalogue['scan']>(() => Promise.resolve({ added: [], changed: [], removed: [] })),
    };
    watcher = new PluginsWatcher({
      ...{ pluginsDir, settleMs: 1, catalogue, failed: jest.fn() },
      takeUpLicences: () => Promise.resolve(),
    });
    const scanned = new Promise<void>((resolve) => {
      catalogue.scan.mockImplementationOnce(() => {
        resolve();
        return Promise.resolve({ added: [], changed: [], removed: [] });
      });
    });
    watcher.start(true);
    await scanned;
    expect(catalogue.scan).toHaveBeenCalledWith({ leaveOut: new Set() });
  });

  it('[SUP-9] a file that comes after the first scan, and before anybody watches, is taken up', async () => {
    const pluginsDir = join(root(), 'plugins');
    await mkdir(pluginsDir);
    const { files: found } = await discover(pluginsDir);
    await writeFile(join(pluginsDir, 'late.binary'), '#!/bin/sh\n', { mode: 0o755 });
    await new Promise<void>((resolve) => {
      const scan = (): Promise<CatalogueDiff> => {
        resolve();
        return Promise.resolve({ added: [], changed: [], removed: [] });
      };
      watcher = new PluginsWatcher({
        ...{ pluginsDir, settleMs: 1, failed: jest.fn() },
        catalogue: { found, isBehind: false, hasDueFile: false, problem: undefined, onScanned: () => undefined, scan },
        takeUpLicences: () => Promise.resolve(),
      });
      watcher.start(true);
    });
  });

  it('[SUP-9] a directory that cannot be read is told of, and so is its return', async () => {
    const pluginsDir = join(root(), 'plugins');
    await mkdir(pluginsDir);
    const told: (string | undefined)[] = [];
    let onScanned = (): void => undefined;
    let onTold = (): void => undefined;
    const catalogue = {
      ...{ found: [], isBehind: false, hasDueFile: false },
      problem: undefined as string | undefined,
      onScanned: (listener: () => void) => (onScanned = listener),
      scan: async () => {
        const { problem } = await discover(pluginsDir);
        catalogue.problem = problem?.detail;
        catalogue.isBehind = problem?.kind === 'unreadable';
        told.push(problem?.kind);
        onScanned();
        onTold();
        return { added: [], changed: [], removed: [] };
      },
    };
    const untilTold = (kind: string | undefined): Promise<void> =>
      new Promise((resolve) => {
        onTold = () => {
          if (told.at(-1) === kind) resolve();
        };
      });
    watcher = new PluginsWatcher({
      ...{ pluginsDir, settleMs: 1, catalogue, failed: jest.fn(), firstRetryMs: 1 },
      takeUpLicences: () => Promise.resolve(),
    });
    watcher.start(true);

    const unreadable = untilTold('unreadable');
    await rename(pluginsDir, `${pluginsDir}.aside`);
    // it may be looked at in between, and then it is only missing
    await writeFile(pluginsDir, 'a file');
    await unreadable;

    const back = untilTold(undefined);
    await rm(pluginsDir);
    await rename(`${pluginsDir}.aside`, pluginsDir);
    await back;
  });
});
