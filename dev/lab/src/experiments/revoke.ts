import { defineExperiment } from '../experiment.js';
import { revokePage } from '../revoke/revoke-page.js';
import { revokeSchema } from '../revoke/revoke-report.js';
import { revoke } from '../revoke/revoke.js';

/**
 * Measures how soon 1, 10 and 100 clients are refused after a log-out, under each architecture:
 * verified tokens, session cookies, introspection, and a verifier without log-out.
 */
export default defineExperiment({
  schema: revokeSchema,
  run: revoke,
  page: { position: 3, section: revokePage },
});
