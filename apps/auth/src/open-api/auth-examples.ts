import type { SchemaExamples } from '@latchkey/service-kit';
import { ACCOUNT_EXAMPLES } from './account-examples.js';
import { ADMIN_EXAMPLES } from './admin-examples.js';
import { oauthExamples } from './oauth-examples.js';

/** An example for each body of the OpenAPI document that is not an error. */
export const authExamples = (issuer: string): SchemaExamples => ({
  ...ACCOUNT_EXAMPLES,
  ...oauthExamples(issuer),
  ...ADMIN_EXAMPLES,
});
