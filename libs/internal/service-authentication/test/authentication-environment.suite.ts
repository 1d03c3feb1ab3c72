import { SNAPSHOT_PATH } from '@latchkey/contracts';
import { COUNT, HTTP_URL, required, SECONDS, type VariableRows } from '@latchkey/service-kit/suite';
import { clientRows } from './client-environment.suite.js';
import { sessionRows } from './session-environment.suite.js';
import type { authenticationEnvironment } from '../src/authentication-environment.js';

type Rows = VariableRows<typeof authenticationEnvironment>;

const URLS = { good: 'https://auth.example.com/x', ...HTTP_URL };

/** Valid and invalid values of the variables of `authenticationEnvironment`, except `NATS_URL`. */
export const authenticationRows: Omit<Rows, 'NATS_URL'> = {
  ...sessionRows,
  AUTH_MODE: {
    good: 'both',
    absent: 'jwt',
    wrongType: ['tokens', 'JWT'],
    outOfRange: 'none',
    with: { SESSION_STORE_URL: 'redis://redis.example.com' },
  },
  CALL_TOKENS: {
    good: 'transaction',
    absent: 'exchange',
    wrongType: ['relay', 'Transaction', 'txn'],
    outOfRange: 'none',
    with: { TRUST_DOMAIN: 'shop.example.com' },
  },
  TRUST_DOMAIN: {
    good: 'shop.example.com',
    wrongType: ['a b', '"shop"'],
    outOfRange: 'none',
  },
  JWKS_URL: { ...URLS, fallback: '`<ISSUER>/.well-known/jwks.json`' },
  JWKS_COOLDOWN_SECONDS: { good: '1', reads: 1, absent: 30, ...SECONDS },
  WHEN_STALE: {
    good: 'refuse',
    absent: required,
    wrongType: ['perhaps', 'ACCEPT'],
    outOfRange: 'none',
  },
  MAX_STALENESS_SECONDS: { good: '10', reads: 10, absent: 5, ...SECONDS },
  CACHED_TOKENS: { good: '0', reads: 0, absent: 20_000, ...COUNT, outOfRange: ['-1', '0.5'] },
  ...clientRows,
  TOKEN_URL: { ...URLS, fallback: '`<ISSUER>/oauth/token`' },
  INTROSPECTION_URL: { ...URLS, fallback: '`<ISSUER>/oauth/introspect`' },
  SNAPSHOT_URL: { ...URLS, fallback: `\`<ISSUER>${SNAPSHOT_PATH}\`` },
};

/** The variables without which a service cannot start. */
export const minimalAuthentication = { NATS_URL: 'nats://127.0.0.1:4222', WHEN_STALE: 'accept' };
