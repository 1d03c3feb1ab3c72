import { defineExperiment } from '../experiment.js';
import { scalePage } from '../scale/scale-page.js';
import { scaleSchema } from '../scale/scale-report.js';
import { scale } from '../scale/scale.js';

/**
 * Measures throughput with 1 to 16 replicas, and what limits it, for tokens, session cookies and
 * introspection. Each replica, and the part that all of them share, is held to 3 % of a core
 * with control groups, which needs root or a delegated systemd scope. Takes 25 to 40 minutes.
 */
export default defineExperiment({
  schema: scaleSchema,
  run: scale,
  page: { position: 2, section: scalePage },
});
