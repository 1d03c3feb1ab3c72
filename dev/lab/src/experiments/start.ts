import { defineExperiment } from '../experiment.js';
import { start, startSchema } from '../start/start.js';

/**
 * Measures how long a verifier takes to get ready, and how much memory it needs, with a million
 * live revocations.
 */
export default defineExperiment({ schema: startSchema, run: start });
