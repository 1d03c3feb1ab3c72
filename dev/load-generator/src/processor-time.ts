import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS_PER_MICROSECOND = 1_000;

/** The unit of times in `stat`: `sysconf(_SC_CLK_TCK)` is 100 on every Linux. */
const MICROSECONDS_PER_TICK = 10_000;
/** The positions of `ppid`, `cutime` and `cstime`, counted from the third field of `stat`. */
const [PARENT, CUTIME, CSTIME] = [1, 13, 14];

/**
 * The CPU time in microseconds that a process with all its threads and descendants has used so far.
 * Children that have ended count to a hundredth of a second. This matters for Postgres, whose
 * backend processes end with their connections.
 *
 * @returns undefined on systems other than Linux (`/proc/<pid>/task/<tid>/schedstat`)
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
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, endedBelow(pid));
}

/** The CPU time of descendants that have ended. */
function endedBelow(pid: number): number {
  const fields = statOf(pid);
  const ticks = fields === undefined ? 0 : Number(fields[CUTIME]) + Number(fields[CSTIME]);
  return ticks * MICROSECONDS_PER_TICK;
}

/** Children, grandchildren and so on. */
export function descendantsOf(pid: number): number[] {
  const children = childrenByParent();
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Reads `stat`, because not every kernel has `/proc/<pid>/task/<tid>/children`. */
function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of entriesOf('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  return children;
}

function parentOf(pid: string): number | undefined {
  const fields = statOf(pid);
  return fields && Number(fields[PARENT]);
}

/** The fields from the third on. The second is the command in parentheses, which may contain spaces. */
function statOf(pid: number | string): readonly string[] | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // the process has ended
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined; // the process has ended
  }
}
