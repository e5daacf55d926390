import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markerIn } from './marked-processes';
import { parseStat, ProcessTable } from './process-table';

const TAIL = 'S 7 40 39 0 -1 4194304 101 0 0 0 11 22 33 44 20 0 1 0 1243814 3133440 360 18446744073709551615';

describe('parseStat', () => {
  const stat = {
    ...{ pid: 42, state: 'S', parent: 7, group: 40, session: 39 },
    ...{ cpuTicks: 110, startTicks: 1243814, residentPages: 360 },
  };

  it.each(['sh', 'a) S 1 1', '(x) (y)', 'tab\tnew\nline', ''])('reads what follows the name %j', (name) => {
    expect(parseStat(`42 (${name}) ${TAIL}\n`)).toEqual(stat);
  });

  it.each(['', '42', '42 (sh)', '42 (sh) S 7', 'x (sh) ' + TAIL, `42 sh ${TAIL}`])('refuses %j', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});

describe('ProcessTable', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'toru-proc-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('reads a directory like /proc', () => {
    mkdirSync(join(root, '42/fd'), { recursive: true });
    mkdirSync(join(root, 'sys/kernel/random'), { recursive: true });
    writeFileSync(join(root, 'sys/kernel/random/boot_id'), 'b\n');
    writeFileSync(join(root, '42/stat'), `42 (sh) ${TAIL}`);
    const environment = `PATH=/bin\0LONG=${'x'.repeat(40_000)}\0`;
    writeFileSync(join(root, '42/environ'), environment);
    writeFileSync(join(root, 'version'), '');
    const table = new ProcessTable(root);
    expect(table.pids()).toEqual([42]);
    expect(table.bootId()).toBe('b');
    expect(table.stat(42)).toMatchObject({ pid: 42, startTicks: 1243814 });
    expect(table.environment(42)?.toString()).toBe(environment);
    expect([table.stat(43), table.environment(43), table.openFiles(43)]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['becomes another program', 'changing', 3133440, 0, 0],
    ['has become it since', 'changing', 3133440, 70, 90],
    ['was started with none', '', 3133440, 70, 70],
    ['is over', '', 0, 0, 0],
  ])('faults 11: what it tells of the environment of one that %s: %j', (_, told, virtualBytes, begin, end) => {
    mkdirSync(join(root, '42'));
    writeFileSync(join(root, '42/environ'), '');
    const stat = TAIL.replace('3133440', String(virtualBytes));
    writeFileSync(join(root, '42/stat'), `42 (sh) ${stat} ${'1 '.repeat(24)}${begin} ${end} 0\n`);
    expect(String(new ProcessTable(root).environment(42))).toBe(told);
  });

  it('sees this process in the real one', () => {
    const table = new ProcessTable();
    expect(table.pids()).toContain(process.pid);
    expect(table.stat(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, state: 'R' });
    expect(table.openFiles(process.pid)).toBeGreaterThan(2);
    expect(table.environment(process.pid)?.toString()).toContain('PATH=');
  });
});

describe('markerIn', () => {
  const marker = 'a1'.repeat(16);

  it.each([
    [`TORU_PLUGIN_MARKER=${marker}`, marker],
    [`PATH=/bin\0TORU_PLUGIN_MARKER=${marker}\0X=1\0`, marker],
    [`X_TORU_PLUGIN_MARKER=${'0'.repeat(32)}\0TORU_PLUGIN_MARKER=${marker}\0`, marker],
    [`SAID=TORU_PLUGIN_MARKER=${marker}\0`, undefined],
    ['PATH=/bin\0', undefined],
    ['', undefined],
  ])('%j → %s', (environment, found) => {
    expect(markerIn(Buffer.from(environment))).toBe(found);
  });
});
