import { measureDenyListMemory } from './deny-list-memory.js';
import { measureFirstSight } from './first-sight.js';
import type { Measure } from './group.js';
import { measureHttp } from './http.js';
import { measureIssue } from './issue.js';
import { measureSeenBefore } from './seen-before.js';
import { measureThreads } from './threads.js';

export interface Group {
  readonly title: string;
  readonly measure: Measure;
  /** Held to one core, as one thread; not so where a group places its own processes. */
  readonly oneCore: boolean;
}

/** What `npm run bench` measures, in this order. */
export const GROUPS = {
  'first-sight': {
    title: 'Verifying a token for the first time',
    measure: measureFirstSight,
    oneCore: true,
  },
  'seen-before': {
    title: 'Verifying a token that was seen before',
    measure: measureSeenBefore,
    oneCore: true,
  },
  'deny-list': {
    title: 'What many revocations cost',
    measure: measureDenyListMemory,
    oneCore: true,
  },
  threads: {
    title: 'Signature checks on the calling thread and on a pool of threads',
    measure: measureThreads,
    oneCore: false,
  },
  issue: { title: 'Issuing tokens', measure: measureIssue, oneCore: true },
  http: { title: 'A Nest route over HTTP', measure: measureHttp, oneCore: false },
} as const satisfies Record<string, Group>;
export type GroupName = keyof typeof GROUPS;
