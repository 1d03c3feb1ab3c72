import { z } from 'zod';

/** JSON leaves out what is undefined; the report's types say that it is there, and undefined. */
export const absent = <T extends z.ZodType>(schema: T) =>
  schema.optional().transform((value) => value);

export const summarySchema = z.object({ median: z.number(), min: z.number(), max: z.number() });

export const distributionSchema = z.object({
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
  samples: z.number(),
});
