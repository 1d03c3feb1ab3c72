import { z } from 'zod';
import { compareSchema } from '../compare/compare-schema.js';
import { outageSchema } from '../outage/outage-schema.js';
import { revokeSchema } from '../revoke/revoke-schema.js';
import { scaleSchema } from '../scale/scale-schema.js';
import { absent } from './schema-parts.js';

/** Changes when an older page could not show a newer run, or the other way round. */
export const RUN_SCHEMA = 1;

const machineSchema = z.object({
  processor: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  system: z.string(),
  node: z.string(),
  openssl: z.string(),
  loadAverage: z.number(),
  versions: z.record(z.string(), z.string()),
  commit: absent(z.string()),
});

const about = {
  schema: z.literal(RUN_SCHEMA),
  /** What makes such a run again. */
  command: z.string(),
  options: z.looseObject({ quick: z.boolean() }),
  machine: machineSchema,
  /** Of servers that were measured. */
  versions: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  /** False when a promise was broken. */
  held: z.boolean(),
  /** Why not, a sentence each. */
  complaints: z.array(z.string()).default([]),
};

const compareRun = z.object({ ...about, experiment: z.literal('compare'), report: compareSchema });
const scaleRun = z.object({ ...about, experiment: z.literal('scale'), report: scaleSchema });
const revokeRun = z.object({ ...about, experiment: z.literal('revoke'), report: revokeSchema });
const outageRun = z.object({ ...about, experiment: z.literal('outage'), report: outageSchema });

/** One run of an experiment that has a page, as it is kept. */
export const runSchema = z.discriminatedUnion('experiment', [
  compareRun,
  scaleRun,
  revokeRun,
  outageRun,
]);
export type Run = z.infer<typeof runSchema>;

/** In the order of the page that joins them. */
export const PAGED_EXPERIMENTS = ['compare', 'scale', 'revoke', 'outage'] as const;
export type PagedExperiment = (typeof PAGED_EXPERIMENTS)[number];

export const hasPage = (experiment: string): experiment is PagedExperiment =>
  PAGED_EXPERIMENTS.some((name) => name === experiment);
