import { defineExperiment } from '../experiment.js';
import { faults } from '../faults/faults.js';
import { faultsSchema } from '../faults/result.js';

/**
 * Lets users log in, refresh, call and log out for --minutes N, while a nemesis cuts, kills, freezes
 * and deceives the system on a schedule that --seed S repeats. A history checker then judges
 * what the users saw.
 */
export default defineExperiment({ schema: faultsSchema, run: faults });
