import { AnsweringProcess } from '@latchkey/load-generator';
import { measureDenyListMemory } from './deny-list-memory.js';
import type { GroupResult } from './figures.js';
import type { GroupQuestion } from './group-process.js';
import { measureHttp } from './http.js';
import { measureIssueOverHttp } from './issue-http.js';
import type { Workplace } from './workplace.js';

type Measure = (workplace: Workplace) => Promise<GroupResult>;

/** In the order in which they run. */
export const GROUPS: Readonly<Record<string, Measure>> = {
  'first-sight': inOwnProcess('first-sight'),
  'seen-before': inOwnProcess('seen-before'),
  'deny-list-memory': measureDenyListMemory,
  threads: inOwnProcess('threads'),
  issue: inOwnProcess('issue'),
  http: measureHttp,
  'issue-http': measureIssueOverHttp,
};

/** What one group leaves behind in the heap and in the compiler's mind is nothing to the next. */
function inOwnProcess(group: GroupQuestion['group']): Measure {
  return async ({ processes, scale, poolFile, onProgress }) => {
    const child = new AnsweringProcess(processes, new URL('./group-process.js', import.meta.url));
    const question: GroupQuestion = { group, scale, poolFile };
    try {
      return await child.ask<GroupResult>(question, onProgress);
    } finally {
      child.stop();
    }
  };
}
