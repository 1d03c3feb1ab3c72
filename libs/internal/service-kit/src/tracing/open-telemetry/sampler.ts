import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { SamplerName } from '../tracing-options.js';

const ROOTS = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio: number) => new TraceIdRatioBasedSampler(ratio),
};

const parentBased = (root: Sampler) => new ParentBasedSampler({ root });

const SAMPLERS = {
  ...ROOTS,
  parentbased_always_on: () => parentBased(ROOTS.always_on()),
  parentbased_always_off: () => parentBased(ROOTS.always_off()),
  parentbased_traceidratio: (ratio) => parentBased(ROOTS.traceidratio(ratio)),
} satisfies Record<SamplerName, (ratio: number) => Sampler>;

/** Decides which traces are recorded. */
export const samplerOf = (name: SamplerName, ratio: number): Sampler => SAMPLERS[name](ratio);
