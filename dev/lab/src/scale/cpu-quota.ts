/**
 * Over which a share is given. Whoever has waited for the next period finds the caches full of what
 * others did, and fills them again at the cost of its quota: a replica with 3 % of a core answered half
 * as many requests when it was given 3 ms every 100 ms as when it was given 12 ms every 400.
 */
export const PERIOD_MICROSECONDS = 400_000;

/** The quota that a part of a core is, in microseconds per period. */
export const quotaOf = (cores: number) => Math.round(cores * PERIOD_MICROSECONDS);
