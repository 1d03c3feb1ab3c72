/** Source that compiles as it stands, and not with any one of the lines that are named. */
export interface Consumer {
  readonly name: string;
  readonly source: string;
  /** Text on the line that the compiler complains of. */
  readonly complaintAt: string;
  /** Beginnings of the lines that may not be left out. */
  readonly required: readonly string[];
}

export const CONSUMERS: readonly Consumer[] = [
  {
    name: 'createVerifier',
    complaintAt: 'createVerifier({',
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
    complaintAt: 'createVerifier({',
    required: ['issuer', 'audience', 'revocations'],
    source: `
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
`,
  },
  {
    name: 'VerifierModule.forRoot',
    complaintAt: 'forRoot({',
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
    complaintAt: 'useFactory',
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
    complaintAt: 'createRevocationFeed({',
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

/** The same source without the line that begins with `member`. */
export function without(source: string, member: string): string {
  const lines = source.split('\n');
  const kept = lines.filter((line) => !line.trimStart().startsWith(`${member}:`));
  if (kept.length !== lines.length - 1) throw new Error(`${member} is not on a line of its own`);
  return kept.join('\n');
}

/** Uses the types of every entry point. */
export const ENTRY_POINTS = `
import * as authApi from '@latchkey/contracts/auth-api';
import * as contracts from '@latchkey/contracts';
import * as denyList from '@latchkey/deny-list';
import * as feed from '@latchkey/deny-list-nats';
import * as nest from '@latchkey/verifier-nestjs';
import * as passport from '@latchkey/verifier-nestjs/passport';
import * as verifier from '@latchkey/verifier';

export const all = { authApi, contracts, denyList, feed, nest, passport, verifier };
export const claims: contracts.AccessTokenClaims['sub'] = 'ada';
export const principal = (token: string, by: verifier.Verifier): Promise<verifier.TokenPrincipal> =>
  by.verify(token);
`;
