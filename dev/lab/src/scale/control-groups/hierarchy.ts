/** One tree of control groups, as it is mounted here. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** What the tree controls; of version 2 each group says it itself. */
  readonly controllers: readonly string[];
  /** Directory of its topmost group that can be seen. */
  readonly top: string;
  /** Directory of the group that this process is in. */
  readonly own: string;
}

/**
 * Where control groups are mounted, and which this process is in.
 *
 * @param mountinfo `/proc/self/mountinfo`, see proc(5)
 * @param membership `/proc/self/cgroup`, see cgroups(7)
 */
export function hierarchiesOf(mountinfo: string, membership: string): Hierarchy[] {
  return linesOf(mountinfo).flatMap((line) => {
    const mount = mountOf(line);
    if (!mount) return [];
    const { root, top, version, controllers } = mount;
    const path = pathIn(membership, mount);
    // A path that begins above what is mounted belongs to a group that cannot be seen from here.
    const visible = path !== undefined && `${path}/`.startsWith(root === '/' ? '/' : `${root}/`);
    const below = visible ? path.slice(root === '/' ? 0 : root.length) : '';
    return [{ version, controllers, top, own: below === '/' ? top : top + below }];
  });
}

interface Mount {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly root: string;
  readonly top: string;
}

/** `36 35 98:0 /root /mount/point options optional:1 - type source superoptions` */
function mountOf(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '/', mountPoint = ''] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return undefined;
  const version = type === 'cgroup' ? 1 : 2;
  const controllers = version === 1 ? options.split(',') : [];
  return { version, controllers, root: unescaped(root), top: unescaped(mountPoint) };
}

/** `4:cpu,cpuacct:/path`, and `0::/path` of version 2 */
function pathIn(membership: string, { version, controllers }: Mount): string | undefined {
  for (const line of linesOf(membership)) {
    const [, names = '', ...path] = line.split(':');
    const ours =
      version === 2 ? names === '' : names.split(',').some((name) => controllers.includes(name));
    if (ours) return path.join(':');
  }
  return undefined;
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** Blanks and the like are written as octal numbers. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
