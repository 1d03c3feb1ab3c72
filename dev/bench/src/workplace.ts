import type { ProcessGroup } from '@latchkey/local-stack';
import type { RunSize } from './size.js';
import type { TokenPool } from './token-pool.js';

/** What a group works with. */
export interface Workplace {
  readonly processes: ProcessGroup;
  readonly size: RunSize;
  readonly pool: TokenPool;
  readonly poolFile: string;
  readonly onProgress: (message: string) => void;
}
