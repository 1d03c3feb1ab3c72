import type { TokenPrincipal } from '@latchkey/verifier';
import { VERIFIED_TOKENS, verifiedToken, type VerifiedToken } from './verified-token.js';

const USER = {
  issuer: 'https://auth.example.com',
  subject: 'ada',
  clientId: 'latchkey-web',
  sessionId: 'session',
} as TokenPrincipal;
const CLIENT = { issuer: USER.issuer, subject: 'orders', clientId: 'orders' } as TokenPrincipal;
const actor = { sub: 'orders' };

const EXPECTED: readonly (readonly [
  string,
  VerifiedToken,
  Parameters<typeof verifiedToken>[0],
  TokenPrincipal | undefined,
])[] = [
  ["a user's token", 'user', 'access_token', USER],
  [
    'one without a session, as of another issuer',
    'user',
    'access_token',
    { ...CLIENT, subject: 'a' },
  ],
  [
    "a user's, whose client has the same name",
    'user',
    'access_token',
    { ...USER, subject: USER.clientId! },
  ],
  ['an exchanged token', 'exchanged', 'access_token', { ...USER, actor }],
  ['one that a client exchanged for its own', 'exchanged', 'access_token', { ...CLIENT, actor }],
  ["a client's own token", 'client', 'access_token', CLIENT],
  ['a transaction token', 'transaction', 'transaction_token', USER],
  ['a rejected transaction token', 'transaction', 'transaction_token', undefined],
  ['a rejected access token', 'unknown', 'access_token', undefined],
];

describe('the kind of a verified token', () => {
  it.each(EXPECTED)('%s is %s', (_, expected, kind, principal) => {
    expect(verifiedToken(kind, principal)).toBe(expected);
  });

  it('is tested for each kind', () => {
    expect(new Set(EXPECTED.map(([, expected]) => expected))).toEqual(new Set(VERIFIED_TOKENS));
  });
});
