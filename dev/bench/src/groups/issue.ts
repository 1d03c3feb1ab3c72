import { ACCESS_TOKEN_TYPE } from '@latchkey/contracts';
import { buildAccessTokenClaims, type AccessTokenProfile } from '@latchkey/issuer';
import { JwtService } from '@nestjs/jwt';
import { SignJWT } from 'jose';
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { atLeast, type GroupResult } from '../figures.js';
import { measureRounds, type Contender } from '../rounds.js';
import type { RunSize } from '../size.js';
import { ratioOf } from '../statistics.js';
import { AUDIENCE, ISSUER, type TokenPool } from '../token-pool.js';
import { defineGroup } from '../group.js';

/**
 * Issues tokens in one process, compared with jose.
 */
export default defineGroup({ position: 5, measureAlone: measureIssueInProcess });

export type IssueSize = Pick<RunSize, 'rounds' | 'issuedPerRound'>;

const ALGORITHM = 'RS256';
const PROFILE: AccessTokenProfile = {
  issuer: ISSUER,
  audiences: [AUDIENCE],
  lifetimeSeconds: 300,
};

/** Makes the same calls as the auth service does for a token, on one thread. */
export async function measureIssueInProcess(
  size: IssueSize,
  pool: TokenPool,
  onProgress?: (message: string) => void,
): Promise<GroupResult> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const header = { alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: pool.jwk.kid } as const;
  const count = size.issuedPerRound;
  const figures = await measureRounds(
    [
      limit(pool, privateKey, count),
      latchkey(header, privateKey, count),
      jose(header, privateKey, count),
    ],
    { rounds: size.rounds, ...(onProgress && { onProgress }) },
  );
  return {
    name: 'issue',
    title: 'Issuing a token, in process',
    figures,
    ratios: [
      ratioOf(figures, ['latchkey', 'limit'], 'Latchkey ÷ limit', atLeast(0.75)),
      ratioOf(figures, ['latchkey', 'jose'], 'Latchkey ÷ jose'),
    ],
    notes: [`${count} tokens per round, RSA-2048, one thread: claims, JSON and signature.`],
  };
}

type Header = Readonly<Record<'alg' | 'typ' | 'kid', string>> & { readonly alg: typeof ALGORITHM };

function limit({ tokens }: TokenPool, privateKey: KeyObject, count: number): Contender {
  const inputs = tokens
    .slice(0, count)
    .map((token) => Buffer.from(token.slice(0, token.lastIndexOf('.'))));
  return {
    id: 'limit',
    label: 'limit: crypto.sign with a ready key',
    run: () => {
      for (const input of inputs) sign('sha256', input, privateKey);
      return inputs.length;
    },
  };
}

function latchkey(header: Header, privateKey: KeyObject, count: number): Contender {
  const jwt = new JwtService({});
  return {
    id: 'latchkey',
    label: '@latchkey/issuer and @nestjs/jwt',
    run: () => {
      for (let made = 0; made < count; made++)
        jwt.sign(makeClaims(), { algorithm: header.alg, privateKey, header });
      return count;
    },
  };
}

function jose(header: Header, privateKey: KeyObject, count: number): Contender {
  return {
    id: 'jose',
    label: 'jose SignJWT',
    run: async () => {
      for (let made = 0; made < count; made++)
        await new SignJWT({ ...makeClaims() }).setProtectedHeader(header).sign(privateKey);
      return count;
    },
  };
}

const makeClaims = () =>
  buildAccessTokenClaims(
    PROFILE,
    {
      subject: randomUUID(),
      clientId: 'latchkey-web',
      scopes: ['orders:read'],
      sessionId: randomUUID(),
    },
    Date.now(),
  );
