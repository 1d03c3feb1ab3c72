import { hierarchiesOf } from './hierarchy.js';

describe('hierarchiesOf', () => {
  it('finds the group of this process', () => {
    const mount = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
    const scope = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope';
    expect(hierarchiesOf(mount, `0::${scope}\n`)).toEqual([
      { top: '/sys/fs/cgroup', own: `/sys/fs/cgroup${scope}` },
    ]);
  });

  it('ignores hierarchies of cgroup v1', () => {
    const mounts = `
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
    const membership = '2:cpu,cpuacct:/services/lab\n0::/\n';
    expect(hierarchiesOf(mounts, membership)).toEqual([
      { top: '/sys/fs/cgroup/unified', own: '/sys/fs/cgroup/unified' },
    ]);
  });

  it('handles a mount that shows only a part of the hierarchy', () => {
    const mount = '30 23 0:26 /docker/4f2a /sys/fs/cgroup\\040here rw - cgroup2 cgroup rw';
    const [inside] = hierarchiesOf(mount, '0::/docker/4f2a/lab');
    const [outside] = hierarchiesOf(mount, '0::/docker/4f2ab/lab');
    expect(inside).toEqual({ top: '/sys/fs/cgroup here', own: '/sys/fs/cgroup here/lab' });
    expect(outside).toMatchObject({ own: '/sys/fs/cgroup here' });
  });

  it('finds nothing where cgroup v2 is not mounted', () => {
    expect(hierarchiesOf('22 1 254:1 / / rw - ext4 /dev/vda1 rw\n', '')).toEqual([]);
  });
});
