import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isHandedOverTo } from './delegation';
import { prepareCgroups, type CgroupWorld } from './prepare-cgroups';

/** A directory with the files of a cgroup. The kernel's answers are missing: what is written stays as it is written. */
let own: string;
let root: string;
let world: CgroupWorld;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'toru-cg-'));
  own = join(root, 'toru.service');
  mkdirSync(own);
  put('cgroup.procs', '42\n');
  put('cgroup.controllers', 'cpuset cpu io memory pids\n');
  put('cgroup.subtree_control', 'cpu memory\n');
  writeFileSync(join(root, 'cgroup'), '0::/toru.service\n');
  writeFileSync(join(root, 'mountinfo'), `31 23 0:26 / ${root} rw - cgroup2 cgroup2 rw\n`);
  world = {
    ...{ proc: root, pid: 42, uid: 998, isCgroup: () => true },
    findDelegated: (directory) => Promise.resolve({ directory, sign: 'it is said so' }),
  };
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(file: string, text: string): void {
  writeFileSync(join(own, file), text);
}
const text = (file: string): string => readFileSync(join(own, file), 'utf8');

describe('prepareCgroups', () => {
  it('moves the host to a leaf, enables what there is, and says what the kernel holds', async () => {
    mkdirSync(join(own, 'host'));
    // a file does not take several values as the kernel does: the last one that was asked for stands there
    const { tree, message } = await prepareCgroups('auto', world);
    expect(text('host/cgroup.procs')).toBe('42');
    expect(text('cgroup.subtree_control')).toBe('+pids');
    expect(tree?.directory).toBe(own);
    expect(message).toContain(`cgroup v2 is used below ${own} (it is said so)`);
  });

  it('tells of controllers that are not there, and uses the rest', async () => {
    put('cgroup.controllers', 'hugetlb\n');
    const { tree, message } = await prepareCgroups('auto', world);
    expect([...tree!.controllers]).toEqual(['memory', 'cpu']);
    expect(message).toMatch(/bounds of memory, processor time; no controller for tasks$/);
    expect(text('cgroup.subtree_control')).toBe('cpu memory\n');
  });

  it('takes a cgroup in which it does not stand as it is', async () => {
    put('cgroup.procs', '');
    put('cgroup.controllers', '');
    const { tree } = await prepareCgroups(own, world);
    expect(tree?.directory).toBe(own);
    expect(existsSync(join(own, 'host'))).toBe(false);
  });

  describe('touches nothing', () => {
    it.each([
      ['when it is switched off', 'off', {}, /TORU_CGROUP is off/],
      ['of what was not delegated', 'auto', { findDelegated: () => Promise.resolve(undefined) }, /was not delegated/],
      ['of a cgroup with other processes', 'auto', { pid: 41 }, /holds other processes as well \(42\)/],
      ['of what is no cgroup', '/x', { isCgroup: () => false }, /names \/x, which is no cgroup/],
      ['of a machine without /proc', 'auto', { proc: '/nowhere' }, /ENOENT/],
    ] as const)('%s', async (_, setting, other, why) => {
      const { tree, message } = await prepareCgroups(setting, { ...world, ...other });
      expect(tree).toBeUndefined();
      expect(message).toMatch(why);
      expect(message).toMatch(/Budgets are held by measuring and rlimits\.$/);
      expect([existsSync(join(own, 'host')), text('cgroup.subtree_control')]).toEqual([false, 'cpu memory\n']);
    });
  });
});

describe('isHandedOverTo', () => {
  const me = process.getuid!();
  /** Root can give files away, and has to: its own tell nothing. */
  const owner = me === 0 ? 998 : me;

  function owned(name: string): string {
    const directory = join(root, name);
    mkdirSync(directory, { recursive: true });
    const files = ['cgroup.procs', 'cgroup.subtree_control'].map((file) => join(directory, file));
    for (const file of files) writeFileSync(file, '');
    for (const path of [directory, ...files]) chownSync(path, owner, -1);
    return directory;
  }

  it('takes what belongs to the user as a whole', () => {
    const mine = owned('mine');
    expect([isHandedOverTo(mine, owner), isHandedOverTo(mine, owner + 1)]).toEqual([true, false]);
    rmSync(join(mine, 'cgroup.subtree_control'));
    expect(isHandedOverTo(mine, owner)).toBe(false);
  });

  it('takes nothing below a user’s own manager, and nothing because it is root', () => {
    expect(isHandedOverTo(owned('user@998.service/app.slice'), owner)).toBe(false);
    expect(isHandedOverTo(own, 0)).toBe(false);
  });
});
