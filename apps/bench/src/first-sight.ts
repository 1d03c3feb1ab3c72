import type { Verifier } from '@latchkey/verifier';
import { verify } from 'node:crypto';
import { makeBenchIssuer, makeTokens } from './bench-issuer.js';
import type { Measure } from './group.js';
import { latchkeyVerifier, loadedDenyList } from './latchkey.js';
import * as peers from './peers.js';
import { interleave, type Variant } from './rounds.js';
import { compare } from './statistics.js';

const LIMIT = 'limit: crypto.verify';
const OURS = 'latchkey';
/** Enough for a stable round; the compiler has seen them all in the warm-up. */
const TOKENS = 3_000;

/** Tokens that the verifier has never seen, one after the other on one thread. */
export const measureFirstSight: Measure = async (extent, progress) => {
  const issuer = makeBenchIssuer();
  const tokens = makeTokens(issuer, Math.min(TOKENS, extent.tokens), progress);
  const inputs = tokens.map((token) => {
    const end = token.lastIndexOf('.');
    return [
      Buffer.from(token.slice(0, end)),
      Buffer.from(token.slice(end + 1), 'base64url'),
    ] as const;
  });
  const limit: Variant = {
    name: LIMIT,
    run: () => {
      for (const [input, signature] of inputs) {
        if (!verify('sha256', input, issuer.publicKey, signature)) throw new Error('refused');
      }
      return inputs.length;
    },
  };
  const others = {
    'fast-jwt': peers.fastJwt(issuer),
    'jsonwebtoken, KeyObject': peers.jsonwebtokenWithKeyObject(issuer),
    'aws-jwt-verify': peers.awsJwtVerify(issuer),
    jose: peers.jose(issuer),
    'jsonwebtoken, PEM': peers.jsonwebtokenWithPem(issuer),
  };
  const variants = Object.entries(others).map(([name, verifyToken]) =>
    each(name, verifyToken, tokens),
  );
  const figures = await interleave([limit, await ours(issuer, tokens), ...variants], {
    ...extent,
    progress,
  });
  const of = (name: string) => figures.get(name)!;
  return {
    figures: [...figures.values()],
    comparisons: [
      compare(of(OURS), of(LIMIT), { atLeast: 0.85 }),
      ...Object.keys(others).map((name) => compare(of(OURS), of(name))),
    ],
    notes: [
      `${tokens.length} tokens of ${tokens[0]!.length} bytes, RSA-2048, one thread`,
      'the limit is given its input already split and decoded; the others start from the token',
      'latchkey: a new verifier each round with its default cache, which holds none of the tokens',
    ],
  };
};

function each(name: string, verifyToken: peers.Verify, tokens: readonly string[]): Variant {
  return {
    name,
    run: async () => {
      for (const token of tokens) {
        const verified = verifyToken(token);
        if (verified instanceof Promise) await verified;
      }
      return tokens.length;
    },
  };
}

async function ours(
  issuer: ReturnType<typeof makeBenchIssuer>,
  tokens: readonly string[],
): Promise<Variant> {
  const denyList = loadedDenyList();
  let verifier: Verifier = await latchkeyVerifier(issuer, denyList);
  return {
    name: OURS,
    prepare: async () => {
      verifier.close();
      verifier = await latchkeyVerifier(issuer, denyList);
    },
    run: async () => {
      for (const token of tokens) await verifier.verify(token);
      return tokens.length;
    },
  };
}
