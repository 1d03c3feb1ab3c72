import fastifyCookie from '@fastify/cookie';
import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { addOAuthWire } from './oauth/oauth-wire.js';

export const authService = (config: Config): ServiceOptions => ({
  name: 'auth',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  trustProxy: config.TRUST_PROXY,
  openApi: {
    title: 'Auth',
    description: 'Accounts, sessions, tokens, keys and revocations. Errors are problem documents.',
    callers: documentedCallers(config, config.SESSION_STORE_URL === undefined ? 'jwt' : 'both'),
  },
  links: {
    metadata: '/.well-known/oauth-authorization-server',
    keys: '/.well-known/jwks.json',
  },
  configure: async (app) => {
    await app.register(fastifyCookie);
    addOAuthWire(app.getHttpAdapter().getInstance());
  },
});
