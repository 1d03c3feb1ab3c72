/**
 * The period of CPU quotas (`cpu.max`), longer than the kernel's default of 100 ms. A process that waits
 * for its next period finds cold caches and spends quota on warming them: a replica with 3 % of a core
 * answered half as many requests with 3 ms per 100 ms as with 12 ms per 400 ms.
 */
export const PERIOD_MICROSECONDS = 400_000;

/** The quota for a part of a core, in microseconds per period. */
export const quotaOf = (cores: number) => Math.round(cores * PERIOD_MICROSECONDS);
