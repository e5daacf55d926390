/** Where a process stands in the hierarchy of cgroup v2. */
export interface OwnCgroup {
  /** Where the hierarchy is mounted. */
  readonly mount: string;
  /** The directory of the process's own cgroup. */
  readonly directory: string;
}

/**
 * Pure: finds the cgroup (version 2) of a process from its `/proc/<pid>/cgroup` and `/proc/<pid>/mountinfo` (proc(5)).
 * Otherwise a sentence that says why there is none to be seen.
 */
export function ownCgroup(cgroup: string, mountinfo: string): OwnCgroup | string {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  if (path === undefined) return 'the kernel has no cgroup v2';
  const mounts = mountinfo.split('\n').flatMap((line) => cgroupMount(line) ?? []);
  if (mounts.length === 0) return 'no cgroup v2 file system is mounted';
  for (const { root, mount } of mounts) {
    const below = pathBelow(root, path);
    if (below !== undefined) return { mount, directory: below === '/' ? mount : `${mount}${below}` };
  }
  return 'its own cgroup is outside of the cgroup v2 file system that is mounted';
}

/** `36 35 98:0 <root> <mount point> <options> <optional fields> - <type> <source> <options>`. */
function cgroupMount(line: string): { root: string; mount: string } | undefined {
  const [before = '', after = ''] = line.split(' - ', 2);
  const [, , , root, mount] = before.split(' ');
  if (root === undefined || mount === undefined || !after.startsWith('cgroup2 ')) return undefined;
  return { root: unescaped(root), mount: unescaped(mount) };
}

/** Blanks and the like are written as octal numbers there. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

function pathBelow(root: string, path: string): string | undefined {
  // `/../…` is a cgroup outside of the namespace
  if (path.split('/').includes('..')) return undefined;
  if (root === '/') return path;
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}
