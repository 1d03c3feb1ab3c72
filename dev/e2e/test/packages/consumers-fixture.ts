/** Source that compiles as it is, but not without any one of the required lines. */
export interface Consumer {
  readonly name: string;
  readonly source: string;
  /** Text on the line of the compiler error. */
  readonly errorAt: string;
  /** The members that must not be omitted. */
  readonly required: readonly string[];
}

const SEVERAL_ISSUERS = `
import { createVerifier } from '@latchkey/verifier';

export const verifier = createVerifier({
  issuers: [
    {
      issuer: 'https://auth.example.com',
      audience: 'orders',
    },
  ],
  revocations: 'ignore',
});
`;

export const CONSUMERS: readonly Consumer[] = [
  {
    name: 'createVerifier',
    errorAt: 'createVerifier({',
    required: ['issuer', 'audience', 'revocations', 'whenStale'],
    source: `
import { DenyList } from '@latchkey/deny-list';
import { createVerifier } from '@latchkey/verifier';

export const verifier = createVerifier({
  issuer: 'https://auth.example.com',
  audience: 'orders',
  revocations: new DenyList(),
  whenStale: 'refuse',
});
`,
  },
  {
    name: 'createVerifier-for-several-issuers',
    errorAt: 'createVerifier({',
    required: ['revocations'],
    source: SEVERAL_ISSUERS,
  },
  {
    name: 'one-of-several-issuers',
    errorAt: '    {',
    required: ['issuer', 'audience'],
    source: SEVERAL_ISSUERS,
  },
  {
    name: 'createSession',
    errorAt: 'createSession({',
    required: ['authUrl'],
    source: `
import { createSession } from '@latchkey/browser';

export const session = createSession({
  authUrl: 'https://auth.example.com',
  onChange: (state) => console.log(state.status),
});
`,
  },
  {
    name: 'createServiceTokens',
    errorAt: 'createServiceTokens({',
    required: ['issuer', 'clientId', 'authentication', 'revocations'],
    source: `
import { createServiceTokens } from '@latchkey/service-client';

export const tokens = createServiceTokens({
  issuer: 'https://auth.example.com',
  clientId: 'orders',
  authentication: { clientSecret: 'secret' },
  revocations: 'ignore',
});
`,
  },
  {
    name: 'VerifierModule.forRoot',
    errorAt: 'forRoot({',
    required: ['issuer', 'audience', 'feed', 'whenStale'],
    source: `
import { VerifierModule } from '@latchkey/verifier-nestjs';

export const module = VerifierModule.forRoot({
  issuer: 'https://auth.example.com',
  audience: 'orders',
  feed: { servers: 'nats://nats.example.com:4222' },
  whenStale: 'refuse',
});
`,
  },
  {
    name: 'VerifierModule.forRootAsync',
    errorAt: 'useFactory',
    required: ['issuer', 'audience', 'feed', 'whenStale'],
    source: `
import { VerifierModule } from '@latchkey/verifier-nestjs';

export const module = VerifierModule.forRootAsync({
  useFactory: () => ({
    issuer: 'https://auth.example.com',
    audience: 'orders',
    feed: { servers: 'nats://nats.example.com:4222' },
    whenStale: 'refuse',
  }),
});
`,
  },
  {
    name: 'createRevocationFeed',
    errorAt: 'createRevocationFeed({',
    required: ['servers', 'denyList', 'verifyEvent'],
    source: `
import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed } from '@latchkey/deny-list-nats';

export const feed = createRevocationFeed({
  servers: 'nats://nats.example.com:4222',
  denyList: new DenyList(),
  verifyEvent: () => Promise.resolve({}),
});
`,
  },
];

/** Removes the line that starts with `member`. */
export function without(source: string, member: string): string {
  const lines = source.split('\n');
  const kept = lines.filter((line) => !line.trimStart().startsWith(`${member}:`));
  if (kept.length !== lines.length - 1) throw new Error(`${member} is not on a line of its own`);
  return kept.join('\n');
}

/** Source that uses the types of every entry point. */
export const ENTRY_POINTS = `
import * as browser from '@latchkey/browser';
import * as authApi from '@latchkey/contracts/auth-api';
import * as contracts from '@latchkey/contracts';
import * as denyList from '@latchkey/deny-list';
import * as feed from '@latchkey/deny-list-nats';
import * as nest from '@latchkey/verifier-nestjs';
import * as serviceClient from '@latchkey/service-client';
import * as serviceClientNest from '@latchkey/service-client-nestjs';
import * as passport from '@latchkey/verifier-nestjs/passport';
import * as verifier from '@latchkey/verifier';

export const callers = { browser, serviceClient, serviceClientNest };
export const all = { authApi, contracts, denyList, feed, nest, passport, verifier };
export const claims: contracts.AccessTokenClaims['sub'] = 'ada';
export const principal = (token: string, by: verifier.Verifier): Promise<verifier.TokenPrincipal> =>
  by.verify(token);
`;
