import { environment } from '@latchkey/service-kit';
import { z } from 'zod';
import { authenticationEnvironment, authenticationRules } from './authentication-environment.js';

const Environment = z
  .object({
    ISSUER: environment.httpUrl,
    AUDIENCE: z.string().default('things'),
    ...authenticationEnvironment,
  })
  .check(...authenticationRules);

const TOKENS = {
  ISSUER: 'https://auth.example.com',
  NATS_URL: 'nats://n:4222',
  WHEN_STALE: 'accept',
};
const SESSIONS = {
  ISSUER: TOKENS.ISSUER,
  SESSION_STORE_URL: 'redis://r:6379',
  AUTH_MODE: 'session',
};
const wrong = (env: Record<string, string>) =>
  Environment.safeParse(env).error?.issues.map(({ path }) => path.join('.'));

describe('authenticationEnvironment', () => {
  it('does not accept tokens in cookies by default', () => {
    expect(Environment.parse(TOKENS).ACCESS_TOKEN_COOKIE).toBe(false);
    expect(Environment.parse({ ...TOKENS, ACCESS_TOKEN_COOKIE: 'true' })).toMatchObject({
      ACCESS_TOKEN_COOKIE: true,
    });
  });

  it.each([
    [SESSIONS, undefined],
    [{ ...SESSIONS, ACCESS_TOKEN_COOKIE: 'true' }, ['ACCESS_TOKEN_COOKIE']],
    [{ ...SESSIONS, ...TOKENS, AUTH_MODE: 'both', ACCESS_TOKEN_COOKIE: 'true' }, undefined],
    [{ ...TOKENS, ACCESS_TOKEN_COOKIE: 'yes' }, ['ACCESS_TOKEN_COOKIE']],
    [{ ...TOKENS, AUTH_MODE: 'both' }, ['SESSION_STORE_URL']],
    [{ ISSUER: TOKENS.ISSUER }, ['NATS_URL', 'WHEN_STALE']],
    [{ ...TOKENS, TRUST_DOMAIN: 'shop' }, undefined],
    [{ ...TOKENS, CALL_TOKENS: 'exchange' }, undefined],
    [{ ...TOKENS, CALL_TOKENS: 'transaction' }, ['TRUST_DOMAIN']],
    [{ ...TOKENS, CALL_TOKENS: 'transaction', TRUST_DOMAIN: '' }, ['TRUST_DOMAIN']],
    [{ ...TOKENS, CALL_TOKENS: 'transaction', TRUST_DOMAIN: 'shop' }, undefined],
    [{ ...TOKENS, CALL_TOKENS: 'TRANSACTION', TRUST_DOMAIN: 'shop' }, ['CALL_TOKENS']],
    [{ ...TOKENS, CALL_TOKENS: '', TRUST_DOMAIN: 'shop' }, ['CALL_TOKENS']],
    [{ ...TOKENS, TRUST_DOMAIN: 'things' }, ['TRUST_DOMAIN']],
    [{ ...TOKENS, TRUST_DOMAIN: TOKENS.ISSUER }, ['TRUST_DOMAIN']],
    [{ ...SESSIONS, CALL_TOKENS: 'transaction', TRUST_DOMAIN: 'shop' }, ['CALL_TOKENS']],
  ])('reports for %j: %j', (env, expected) => {
    expect(wrong(env)).toEqual(expected);
  });
});
