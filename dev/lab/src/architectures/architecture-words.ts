import { ARCHITECTURES, type ArchitectureId } from './architecture.js';
import type { Statement } from '../pages/section.js';
import { listed } from '../pages/quantity.js';

/** What is needed for those that a machine may not have. */
const NEEDS: Partial<Record<ArchitectureId, string>> = {
  'session-redis': 'it needs a redis-server',
};

/** On those that a run has nothing of; empty when it has all that are expected. */
export function missingSentence(
  present: readonly { readonly id: string }[],
  expected: readonly ArchitectureId[] = ARCHITECTURES.map(({ id }) => id),
): Statement[] {
  const missing = ARCHITECTURES.filter(
    ({ id }) => expected.includes(id) && !present.some((found) => found.id === id),
  );
  if (missing.length === 0) return [];
  const names = missing.map(({ id, label }) => {
    const need = NEEDS[id];
    return `“${label}”${need === undefined ? '' : ` (${need})`}`;
  });
  return [{ sentence: `Not part of this run: ${listed(names)}.` }];
}

/** In a sentence, so that a label with commas is seen as one name. */
export const quoted = (label: string): string => `“${label}”`;
