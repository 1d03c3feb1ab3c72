import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS_PER_MICROSECOND = 1_000;

/**
 * Processor time that a process, all its threads and all that it started have taken so far, in
 * microseconds. What has ended meanwhile is not in it: compare two calls only while nothing ends.
 *
 * @returns undefined where the kernel does not tell (`/proc/<pid>/task/<tid>/schedstat` is Linux's)
 */
export function processorMicroseconds(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const times = [pid, ...descendantsOf(pid)].map(ownMicroseconds);
  if (times.every((time) => time === undefined)) return undefined;
  return times.reduce<number>((sum, time = 0) => sum + time, 0);
}

function ownMicroseconds(pid: number): number | undefined {
  const threads = entriesOf(`/proc/${pid}/task`);
  const times = threads.flatMap((thread) => {
    const text = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
    return text === undefined ? [] : [Number(text.split(' ')[0]) / NANOSECONDS_PER_MICROSECOND];
  });
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0);
}

/** Children, theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  const children = childrenByParent();
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** `/proc/<pid>/task/<tid>/children` is not there in every kernel. */
function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of entriesOf('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  return children;
}

/** The second field is the command in parentheses, which may hold spaces; the fourth is the parent. */
function parentOf(pid: string): number | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat === undefined
    ? undefined
    : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // it has ended
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined; // it has ended
  }
}
