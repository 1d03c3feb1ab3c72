import { defineExperiment } from '../experiment.js';
import { outagePage } from '../outage/outage-page.js';
import { outageReportSchema } from '../outage/outage-report.js';
import { outage } from '../outage/outage.js';

/**
 * Kills (-9) Redis, the Postgres of the sessions, auth and NATS for ten seconds each under a steady
 * load, and records which architectures keep answering, which return 503, and how soon each
 * one recovers.
 */
export default defineExperiment({
  schema: outageReportSchema,
  run: outage,
  page: { position: 4, section: outagePage },
});
