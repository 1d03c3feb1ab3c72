/** An arbitrary number that all replicas share: "latchkey" on a telephone keypad. */
export const MIGRATION_LOCK = 52_824_539;

/**
 * The first half of the key; the second half is a hash of the table and the expression. A service's own locks need
 * other numbers.
 *
 * Replicas of earlier releases use 52,826, which auth uses for its administrators too. This number could change,
 * because the lock only saves work: without it, replicas that delete rows at the same time skip each other's.
 */
export const HOUSEKEEPING_LOCKS = 52_827;
