import type { ArchitectureId } from '../architectures/architecture.js';

/** One for each kind of thing that replicas may share, and one that shares nothing. */
export const SCALED_IDS: readonly ArchitectureId[] = [
  'jwt',
  'session-redis',
  'session-postgres',
  'introspection',
];
