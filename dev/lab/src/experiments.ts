import { compare } from './compare/compare.js';
import { durability } from './durability/durability.js';
import type { Experiment } from './experiment.js';
import { fanout } from './fanout/fanout.js';
import { faults } from './faults/faults.js';
import { outage } from './outage/outage.js';
import { revoke } from './revoke/revoke.js';
import { scale } from './scale/scale.js';
import { start } from './start/start.js';

/** By the name on the command line; `dev/scripts/lab.mjs` explains each. */
export const EXPERIMENTS = {
  compare,
  scale,
  revoke,
  outage,
  fanout,
  faults,
  durability,
  start,
} satisfies Record<string, Experiment>;
export type ExperimentName = keyof typeof EXPERIMENTS;
