import { ARCHITECTURES, type ArchitectureId } from './architecture.js';
import type { Statement } from '../pages/section.js';
import { listed } from '../pages/quantity.js';

/** Requirements that not every machine meets. */
const NEEDS: Partial<Record<ArchitectureId, string>> = {
  'session-redis': 'it needs a redis-server',
};

/** Names the expected architectures that a run did not measure, if any. */
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

/** Quotes a label, which may contain commas, for use in a sentence. */
export const quoted = (label: string): string => `“${label}”`;
