import { durability } from './durability/durability.js';
import type { Experiment } from './experiment.js';
import { fanout } from './fanout/fanout.js';
import { faults } from './faults/faults.js';

/** By the name on the command line; `tools/lab.mjs` explains each. */
export const EXPERIMENTS = { fanout, faults, durability } satisfies Record<string, Experiment>;
export type ExperimentName = keyof typeof EXPERIMENTS;
