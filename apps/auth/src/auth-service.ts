import fastifyCookie from '@fastify/cookie';
import * as contracts from '@latchkey/contracts';
import * as authApi from '@latchkey/contracts/auth-api';
import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import { Admission } from './platform/admission/admission.js';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { consoleIn } from './console-page.js';
import { KeySet } from './keys/jwks/jwks.controller.js';
import { ServerMetadataReply } from './keys/jwks/server-metadata.controller.js';
import { authExamples } from './open-api/auth-examples.js';
import { ERROR_EXAMPLES } from './open-api/error-examples.js';
import * as tokenRequests from './oauth/token-request.js';
import { addOAuthWire } from './oauth/oauth-wire.js';

/** Anybody may read these, with a script on any page as well. */
const WELL_KNOWN = {
  metadata: '/.well-known/oauth-authorization-server',
  keys: '/.well-known/jwks.json',
};

const TAGS = {
  accounts: 'Registration, log-in, passwords and the own account',
  admin: 'Users, sessions, clients and keys, for administrators',
  oauth: 'The token, revocation and introspection endpoints (RFC 6749, 7009, 7662, 8693)',
  revocations: 'What verifiers and holders of a token can learn about revocations',
  'session cookies': 'Log-in and log-out with a session cookie instead of tokens',
  sessions: 'The own sessions, and log-out',
  'well-known': 'Keys and metadata (RFC 7517, RFC 8414)',
};

export const authService = (config: Config): ServiceOptions => ({
  name: 'auth',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  trustProxy: config.TRUST_PROXY,
  // Thousands of waiting requests hold their bodies. The largest valid ones, token exchanges, are far smaller.
  limits: { bodyBytes: 16 * 1024 },
  basePath: new URL(config.ISSUER).pathname,
  openApi: {
    title: 'Auth',
    description:
      'Accounts, sessions, tokens, keys and revocations. Errors are problem documents (RFC 9457).',
    url: config.ISSUER,
    tags: TAGS,
    schemas: [authApi, contracts, tokenRequests, { KeySet, ServerMetadataReply }],
    examples: authExamples(config.ISSUER),
    errors: ERROR_EXAMPLES,
    callers: {
      ...documentedCallers(config, config.SESSION_STORE_URL === undefined ? 'jwt' : 'both'),
      clients: true,
    },
  },
  page: consoleIn(config.CONSOLE_DIRECTORY),
  links: WELL_KNOWN,
  publicDocuments: Object.values(WELL_KNOWN),
  configure: async (app) => {
    await app.register(fastifyCookie);
    const fastify = app.getHttpAdapter().getInstance();
    addOAuthWire(fastify);
    app.get(Admission).addTo(fastify);
  },
});
