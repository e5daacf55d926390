import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessTable } from './process-table';
import { ProcessTrees } from './process-trees';

interface Fake {
  readonly pid: number;
  readonly parent: number;
  readonly group?: number;
  readonly session?: number;
  readonly state?: string;
  readonly start?: number;
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'toru-trees-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Each process has used 1 s of processor time with its children, has 10 pages and 3 descriptors. */
function machineWith(...processes: readonly Fake[]): void {
  rmSync(root, { recursive: true, force: true });
  for (const { pid, parent, group = pid, session = group, state = 'S', start = pid } of processes) {
    mkdirSync(join(root, `${pid}/fd`), { recursive: true });
    const text = `${pid} (x) ${state} ${parent} ${group} ${session} 0 -1 0 0 0 0 0 40 30 20 10 20 0 1 0 ${start} 0 10 0`;
    writeFileSync(join(root, `${pid}/stat`), text);
  }
}

class Table extends ProcessTable {
  override openFiles(): number | undefined {
    return 3;
  }
}

const sizes = async (trees: ProcessTrees, ...roots: number[]): Promise<[number, number][]> =>
  [...(await trees.measure(new Set(roots)))].map(([pid, { processes }]) => [pid, processes]);

describe('ProcessTrees', () => {
  it('adds up a process, its group, its session and its children, each once', async () => {
    machineWith(
      { pid: 1, parent: 0 },
      { pid: 10, parent: 1 },
      { pid: 11, parent: 10, group: 10 },
      { pid: 12, parent: 11, group: 12, session: 10 },
      { pid: 13, parent: 12, group: 13 },
      { pid: 14, parent: 10, group: 10, state: 'Z' },
      { pid: 20, parent: 1 },
      { pid: 30, parent: 1 },
    );
    const usages = await new ProcessTrees(new Table(root)).measure(new Set([10, 20, 99]));
    expect(usages).toEqual(
      new Map([
        [10, { cpuSeconds: 4, memoryBytes: 4 * 10 * 4096, openFiles: 12, processes: 4 }],
        [20, { cpuSeconds: 1, memoryBytes: 10 * 4096, openFiles: 3, processes: 1 }],
      ]),
    );
  });

  it('remembers what it has seen below a root when its parents are gone, and mixes up no reused pid', async () => {
    machineWith({ pid: 10, parent: 1 }, { pid: 11, parent: 10, group: 10 }, { pid: 12, parent: 11 });
    const trees = new ProcessTrees(new Table(root));
    expect(await sizes(trees, 10)).toEqual([[10, 3]]);
    machineWith({ pid: 10, parent: 1 }, { pid: 12, parent: 1 });
    expect(await sizes(trees, 10)).toEqual([[10, 2]]);
    machineWith({ pid: 10, parent: 1 }, { pid: 12, parent: 1, start: 500 });
    expect(await sizes(trees, 10)).toEqual([[10, 1]]);
  });

  it('survives parents that go round in a circle', async () => {
    machineWith({ pid: 10, parent: 11, group: 5 }, { pid: 11, parent: 10, group: 5 }, { pid: 12, parent: 1 });
    expect(await sizes(new ProcessTrees(new Table(root)), 12)).toEqual([[12, 1]]);
  });
});
