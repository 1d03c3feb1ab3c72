/** A cgroup v2 hierarchy as it is mounted here. */
export interface Hierarchy {
  /** Directory of the topmost group that is visible. */
  readonly top: string;
  /** Directory of the group that this process is in. */
  readonly own: string;
}

/**
 * Finds where cgroup v2 is mounted and which group this process is in.
 *
 * @param mountinfo contents of `/proc/self/mountinfo`, see proc(5)
 * @param membership contents of `/proc/self/cgroup`, see cgroups(7)
 */
export function hierarchiesOf(mountinfo: string, membership: string): Hierarchy[] {
  const path = pathIn(membership);
  return linesOf(mountinfo).flatMap((line) => {
    const mount = mountOf(line);
    if (!mount) return [];
    const { root, top } = mount;
    // A group above the mounted part of the hierarchy is not visible here.
    const visible = path !== undefined && `${path}/`.startsWith(root === '/' ? '/' : `${root}/`);
    const below = visible ? path.slice(root === '/' ? 0 : root.length) : '';
    return [{ top, own: below === '/' ? top : top + below }];
  });
}

/** Parses `36 35 98:0 /root /mount/point options optional:1 - type source superoptions`. */
function mountOf(line: string): { readonly root: string; readonly top: string } | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '/', mountPoint = ''] = before.split(' ');
  if (!after.startsWith('cgroup2 ')) return undefined;
  return { root: unescaped(root), top: unescaped(mountPoint) };
}

/** The line of cgroup v2 is `0::/path`; those of v1 name their controllers. */
const pathIn = (membership: string) =>
  linesOf(membership)
    .find((line) => line.startsWith('0::'))
    ?.slice('0::'.length);

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** Spaces and other special characters are written as octal escapes. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
