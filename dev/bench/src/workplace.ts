import type { ProcessGroup } from '@latchkey/local-stack';
import type { Scale } from './scale.js';
import type { TokenPool } from './token-pool.js';

/** What a group is given to work with. */
export interface Workplace {
  readonly processes: ProcessGroup;
  readonly scale: Scale;
  readonly pool: TokenPool;
  readonly poolFile: string;
  readonly onProgress: (message: string) => void;
}
