import { defineExperiment } from '../experiment.js';
import { durability, durabilitySchema } from '../durability/durability.js';

/**
 * Kills (-9) NATS, Postgres and auth again and again under a load of log-outs, and then looks for
 * each log-out that was answered: none may be lost. --seed S repeats the schedule.
 */
export default defineExperiment({ schema: durabilitySchema, run: durability });
