import type { GroupResult } from './figures.js';
import type { RunSize } from './size.js';
import type { TokenPool } from './token-pool.js';
import type { Workplace } from './workplace.js';

/** Measures on one thread, without other processes. */
export type MeasureAlone = (
  size: RunSize,
  pool: TokenPool,
  onProgress?: (message: string) => void,
) => Promise<GroupResult>;

/** What a file in `groups/` exports by default; its name is that of the file. */
export interface Group {
  /** Position in the run and in docs/benchmarks.md; lower comes first. */
  readonly position: number;
  /** Runs in a process of its own, so that neither the heap nor the JIT state of other groups matters. */
  readonly measureAlone?: MeasureAlone;
  /** Starts processes itself. */
  readonly measure?: (workplace: Workplace) => Promise<GroupResult>;
}

/** Asks a process of its own to measure a group. */
export interface GroupQuestion {
  readonly group: string;
  readonly size: RunSize;
  readonly poolFile: string;
}

export const defineGroup = (group: Group): Group => group;
