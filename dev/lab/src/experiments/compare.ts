import { defineExperiment } from '../experiment.js';
import { comparePage } from '../compare/compare-page.js';
import { compareSchema } from '../compare/compare-report.js';
import { compare } from '../compare/compare.js';

/**
 * Calls the same routes of one service under every architecture (no protection, JWTs, session
 * cookies, introspection) and measures requests per second, latency, and the work that each
 * request causes in the parts that all replicas share. Takes about 8 minutes.
 */
export default defineExperiment({
  schema: compareSchema,
  run: compare,
  page: { position: 1, section: comparePage },
});
