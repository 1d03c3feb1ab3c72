import { answerQuestions } from '@latchkey/load-generator';
import type { GroupQuestion } from './group.js';
import { loadGroup } from './groups.js';
import { readTokenPool } from './token-pool.js';

/** Measures one group. */
answerQuestions<GroupQuestion>(async ({ group, size, poolFile }, onProgress) => {
  const { measureAlone } = await loadGroup(group);
  if (!measureAlone) throw new Error(`'${group}' does not measure alone`);
  return measureAlone(size, readTokenPool(poolFile), onProgress);
});
