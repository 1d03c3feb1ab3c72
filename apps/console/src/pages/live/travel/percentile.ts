/** The value at or below which this share of the values is (nearest rank); undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** What is shown of the delays to one replica, in milliseconds. */
export interface Summary {
  readonly count: number;
  readonly median: number | undefined;
  readonly p95: number | undefined;
  readonly longest: number | undefined;
}

/** Summarizes delays. */
export const summaryOf = (values: readonly number[]): Summary => ({
  count: values.length,
  median: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  longest: percentile(values, 1),
});
