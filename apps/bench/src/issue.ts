import { buildAccessTokenClaims, type AccessTokenProfile } from '@latchkey/issuer';
import { JwtService } from '@nestjs/jwt';
import { SignJWT } from 'jose';
import { randomUUID, sign } from 'node:crypto';
import { AUDIENCE, ISSUER, makeBenchIssuer } from './bench-issuer.js';
import type { Measure } from './group.js';
import { interleave } from './rounds.js';
import { compare } from './statistics.js';

const TOKENS = 1_000;
const LIMIT = 'limit: crypto.sign';
const OURS = 'latchkey: claims and @nestjs/jwt';
const JOSE = 'jose: SignJWT';

/** Issuing tokens in one process, as the auth service does it: no database, no HTTP. */
export const measureIssue: Measure = async (extent, progress) => {
  const { privateKey, jwk, makeToken } = makeBenchIssuer();
  const token = makeToken();
  const input = Buffer.from(token.slice(0, token.lastIndexOf('.')));
  const jwt = new JwtService({});
  const profile: AccessTokenProfile = {
    issuer: ISSUER,
    audiences: [AUDIENCE],
    lifetimeSeconds: 300,
  };
  const header = { alg: 'RS256', typ: 'at+jwt', kid: jwk.kid };
  const request = () => ({
    subject: randomUUID(),
    clientId: 'web',
    scopes: ['orders:read'],
    sessionId: randomUUID(),
  });
  const repeat = (issue: () => unknown) => async () => {
    for (let count = 0; count < TOKENS; count++) {
      const issued = issue();
      if (issued instanceof Promise) await issued;
    }
    return TOKENS;
  };
  const claims = () => buildAccessTokenClaims(profile, request(), Date.now());
  const figures = await interleave(
    [
      { name: LIMIT, run: repeat(() => sign('sha256', input, privateKey)) },
      {
        name: OURS,
        run: repeat(() => jwt.sign(claims(), { algorithm: 'RS256', privateKey, header })),
      },
      {
        name: JOSE,
        run: repeat(() => new SignJWT({ ...claims() }).setProtectedHeader(header).sign(privateKey)),
      },
    ],
    { ...extent, progress },
  );
  const of = (name: string) => figures.get(name)!;
  return {
    figures: [...figures.values()],
    comparisons: [compare(of(OURS), of(LIMIT), { atLeast: 0.75 }), compare(of(OURS), of(JOSE))],
    notes: ['the same calls as the auth service makes for each token, on one thread'],
  };
};
