import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeGroup, membersOf, moveAll, readFrom, removeGroup, writeTo } from './group-files.js';

const DELEGATION = 'cgroup.subtree_control';

/**
 * Delegates the `cpu` controller to the children of a group.
 *
 * cgroup v2 has a "no internal processes" rule: except for the root, a group that delegates controllers
 * cannot have processes of its own. They are moved into a child group until the delegation is undone.
 *
 * @returns a function that undoes the delegation
 * @throws Error when this process may not use the group, or the controller is missing
 */
export function delegateCpu(group: string): () => void {
  if (!wordsIn(group, 'cgroup.controllers').includes('cpu'))
    throw new Error(`${group} does not have the 'cpu' controller`);
  accessSync(join(group, 'cgroup.procs'), constants.W_OK);
  if (wordsIn(group, DELEGATION).includes('cpu')) return () => undefined;
  // The kernel accepts the delegation anyway, and then rejects processes for every child group.
  if (!isRoot(group) && membersOf(group).length > 0) return moveAsideAndEnable(group);
  enableCpu(group);
  return () => disableCpu(group);
}

export const enableCpu = (group: string) => writeTo(group, DELEGATION, '+cpu');
export const disableCpu = (group: string) => writeTo(group, DELEGATION, '-cpu');

const wordsIn = (group: string, file: string) => readFrom(group, file).trim().split(/\s+/);

/** Only the root group has no type. */
const isRoot = (group: string) => !existsSync(join(group, 'cgroup.type'));

function moveAsideAndEnable(group: string): () => void {
  const aside = join(group, `latchkey-aside-${process.pid}`);
  makeGroup(aside);
  const undo = () => {
    disableCpu(group);
    moveAll(aside, group);
    removeGroup(aside);
  };
  try {
    moveAll(group, aside);
    enableCpu(group);
    return undo;
  } catch (error) {
    undo();
    throw error;
  }
}
