import { answerQuestions } from '@latchkey/load-generator';
import type { GroupResult } from './figures.js';
import { measureFirstSight } from './first-sight.js';
import { measureIssueInProcess } from './issue-in-process.js';
import type { Scale } from './scale.js';
import { measureSeenBefore } from './seen-before.js';
import { measureThreads } from './threads.js';
import { readTokenPool, type TokenPool } from './token-pool.js';

/** Groups that one thread measures by itself, each in a process of its own. */
const MEASURES = {
  'first-sight': measureFirstSight,
  'seen-before': measureSeenBefore,
  threads: measureThreads,
  issue: measureIssueInProcess,
} satisfies Record<
  string,
  (scale: Scale, pool: TokenPool, onProgress?: (message: string) => void) => Promise<GroupResult>
>;

export interface GroupQuestion {
  readonly group: keyof typeof MEASURES;
  readonly scale: Scale;
  readonly poolFile: string;
}

answerQuestions<GroupQuestion>(({ group, scale, poolFile }, onProgress) =>
  MEASURES[group](scale, readTokenPool(poolFile), onProgress),
);
