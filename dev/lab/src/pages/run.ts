import { z } from 'zod';
import { experimentNamed, PAGED_EXPERIMENTS } from '../experiments.js';
import { absent, byName, list } from '../report-schema.js';

/** Version of the format of kept runs; it changes when an older page could not show a newer run or vice versa. */
export const RUN_SCHEMA = 1;

const machineSchema = z.object({
  processor: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  system: z.string(),
  node: z.string(),
  openssl: z.string(),
  loadAverage: z.number(),
  versions: byName(z.string()),
  commit: absent(z.string()),
});

const keptSchema = z.object({
  schema: z.literal(RUN_SCHEMA),
  experiment: z.enum(PAGED_EXPERIMENTS.map(({ name }) => name)),
  /** The command that repeats this run. */
  command: z.string(),
  options: z.looseObject({ quick: z.boolean() }),
  machine: machineSchema,
  /** Versions of the servers that were measured. */
  versions: byName(z.string()),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  /** False when a promise was broken. */
  held: z.boolean(),
  /** A sentence for each promise that was broken. */
  complaints: list(z.string()).default([]),
  report: z.custom<object>((value) => typeof value === 'object' && value !== null),
});

/** A run of an experiment that has a page, as it is kept; the experiment's schema checks its report. */
export const runSchema = keptSchema.transform((run, context) => {
  const { data, error } = experimentNamed(run.experiment).schema.safeParse(run.report);
  if (data) return { ...run, report: data };
  for (const { path, message } of error.issues)
    context.addIssue({ code: 'custom', path: ['report', ...path], message });
  return z.NEVER;
});
export type Run = z.output<typeof runSchema>;
