import { defineExperiment } from '../experiment.js';
import { fanoutSchema } from '../fanout/fanout-report.js';
import { fanout } from '../fanout/fanout.js';

/**
 * Measures how soon every one of --verifiers N verifiers refuses a token after its log-out, next to
 * a bare fan-out of equal messages over another server of the same NATS program.
 */
export default defineExperiment({ schema: fanoutSchema, run: fanout });
