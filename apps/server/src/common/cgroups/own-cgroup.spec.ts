import { ownCgroup } from './own-cgroup';

const UNIFIED = '31 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const HYBRID = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
  '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
].join('\n');

describe('ownCgroup', () => {
  it.each([
    ['a service', '0::/system.slice/toru.service\n', UNIFIED, '/sys/fs/cgroup/system.slice/toru.service'],
    ['a container with a name space of its own', '0::/\n', UNIFIED, '/sys/fs/cgroup'],
    ['both versions side by side', '4:memory:/a\n0::/b\n', HYBRID, '/sys/fs/cgroup/unified/b'],
    [
      'a container that sees a part of the hierarchy',
      '0::/docker/ab/x\n',
      '9 1 0:26 /docker/ab /sys/fs/cgroup ro - cgroup2 cgroup ro',
      '/sys/fs/cgroup/x',
    ],
    ['a mount point with a blank', '0::/x\n', '9 1 0:26 / /mnt/my\\040groups rw - cgroup2 none rw', '/mnt/my groups/x'],
  ])('%s', (_, cgroup, mountinfo, directory) => {
    expect(ownCgroup(cgroup, mountinfo)).toMatchObject({ directory });
  });

  it.each([
    ['version 1 alone', '4:memory:/a\n', UNIFIED, /no cgroup v2$/],
    ['nothing mounted', '0::/\n', '31 23 0:28 / /sys/fs/cgroup rw - tmpfs cgroup2 rw', /no cgroup v2 file system/],
    ['outside of the name space', '0::/../x\n', UNIFIED, /outside/],
    ['outside of the mount', '0::/docker/abc\n', '9 1 0:26 /docker/ab /c rw - cgroup2 c rw', /outside/],
  ])('says why there is none: %s', (_, cgroup, mountinfo, why) => {
    expect(ownCgroup(cgroup, mountinfo)).toMatch(why);
  });
});
