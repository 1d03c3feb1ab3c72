import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { PERIOD_MICROSECONDS, quotaOf } from '../cpu-quota.js';
import type { ControlGroupVersion } from './control-group-version.js';
import { makeGroup, membersOf, moveAll, readFrom, removeGroup, writeTo } from './group-files.js';

const DELEGATION = 'cgroup.subtree_control';

/**
 * @param home directory of the group to make others in. Processes that are in it, unless it is the
 * topmost one, must go aside into a group below: none may compete with groups ("no internal processes").
 * @param origin directory of the group that this process is in
 * @throws Error when it is not ours to use
 */
export function controlGroupsVersion2(home: string, origin: string): ControlGroupVersion {
  if (!wordsIn(home, 'cgroup.controllers').includes('cpu'))
    throw new Error(`the controller 'cpu' is not there in ${home}`);
  accessSync(join(home, 'cgroup.procs'), constants.W_OK);
  const restore = divideHome(home);
  return {
    name: 'cgroup v2',
    home: { limit: home, count: home },
    origin: { limit: origin, count: origin },
    divide,
    unite,
    limit: (group, cores) => {
      const quota = cores === undefined ? 'max' : String(quotaOf(cores));
      writeTo(group, 'cpu.max', `${quota} ${PERIOD_MICROSECONDS}`);
    },
    usedMicroseconds: (group) =>
      Number(/^usage_usec (\d+)$/m.exec(readFrom(group, 'cpu.stat'))?.[1]),
    restore,
  };
}

const wordsIn = (group: string, file: string) => readFrom(group, file).trim().split(/\s+/);

const divide = (group: string) => writeTo(group, DELEGATION, '+cpu');
const unite = (group: string) => writeTo(group, DELEGATION, '-cpu');

/** Every group has a type but the topmost one, which may have processes beside groups. */
const isTopmost = (group: string) => !existsSync(join(group, 'cgroup.type'));

/** @returns what undoes it */
function divideHome(home: string): () => void {
  if (wordsIn(home, DELEGATION).includes('cpu')) return () => undefined;
  // The kernel would let it be divided as it is, and then take no process into any of its groups.
  if (!isTopmost(home) && membersOf(home).length > 0) return moveAsideAndDivide(home);
  divide(home);
  return () => unite(home);
}

function moveAsideAndDivide(home: string): () => void {
  const aside = join(home, `latchkey-aside-${process.pid}`);
  makeGroup(aside);
  const back = () => {
    unite(home);
    moveAll(aside, home);
    removeGroup(aside);
  };
  try {
    moveAll(home, aside);
    divide(home);
    return back;
  } catch (error) {
    back();
    throw error;
  }
}
