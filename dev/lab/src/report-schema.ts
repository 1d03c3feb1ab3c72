import { z } from 'zod';

/** An optional member whose type has the key: JSON leaves out what is undefined. */
export const absent = <T extends z.ZodType>(schema: T) =>
  schema.optional().transform((value) => value);

/** A read-only array. */
export const list = <T extends z.ZodType>(schema: T) => z.array(schema).readonly();

/** A read-only record. */
export const byName = <T extends z.ZodType>(schema: T) => z.record(z.string(), schema).readonly();

/** `Summary` of the load generator: the median of all rounds and their range. */
export const summarySchema = z.object({ median: z.number(), min: z.number(), max: z.number() });

export const distributionSchema = z.object({
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
  samples: z.number(),
});
/** Percentiles of many samples. */
export type Distribution = z.infer<typeof distributionSchema>;
