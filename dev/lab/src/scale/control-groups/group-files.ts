import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const MEMBERS = 'cgroup.procs';

/** @throws the system's error, with its code: `EACCES`, `EBUSY`, … */
export function writeTo(group: string, file: string, text: string): void {
  writeFileSync(join(group, file), text);
}

export const readFrom = (group: string, file: string) => readFileSync(join(group, file), 'utf8');

export function makeGroup(group: string): void {
  mkdirSync(group, { recursive: true });
}

/** Moves a process with all its threads. A process that has ended is ignored. */
export function move(pid: number, group: string): void {
  try {
    writeTo(group, MEMBERS, String(pid));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export const membersOf = (group: string) =>
  readFrom(group, MEMBERS)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);

/** Moves every process, including those that are started during the move. */
export function moveAll(from: string, to: string): void {
  for (let left = membersOf(from); left.length > 0; left = membersOf(from))
    for (const pid of left) move(pid, to);
}

export const groupsIn = (group: string) =>
  readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Removes a group and its children, except those that still have processes. */
export function removeGroup(group: string): void {
  if (!existsSync(group)) return;
  for (const name of groupsIn(group)) removeGroup(join(group, name));
  try {
    rmdirSync(group);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}
