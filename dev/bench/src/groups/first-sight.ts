import { createPublicKey, verify } from 'node:crypto';
import { atLeast, type GroupResult } from '../figures.js';
import { loadedDenyList, readyVerifier, refreshWatermark } from '../latchkey-side.js';
import {
  awsJwtVerify,
  fastJwt,
  joseWithCryptoKey,
  joseWithKeySet,
  jsonwebtokenWithKeyObject,
  jsonwebtokenWithPem,
} from '../peers.js';
import { measureRounds, type Contender } from '../rounds.js';
import type { RunSize } from '../size.js';
import { ratioOf } from '../statistics.js';
import { freshString, type TokenPool } from '../token-pool.js';
import { defineGroup } from '../group.js';

/**
 * Verifies tokens that a verifier has not seen before: signature, claims and revocations, on one
 * thread, compared with jose, jsonwebtoken, fast-jwt and aws-jwt-verify.
 */
export default defineGroup({ position: 1, measureAlone: measureFirstSight });

export type FirstSightSize = Pick<
  RunSize,
  'rounds' | 'warmUpRounds' | 'firstSightTokens' | 'revocations'
>;

/** Includes the signature check and every other check of the verifier. */
export async function measureFirstSight(
  size: FirstSightSize,
  pool: TokenPool,
  onProgress?: (message: string) => void,
): Promise<GroupResult> {
  const bytes = pool.tokens.slice(0, size.firstSightTokens).map((token) => Buffer.from(token));
  const contenders = [
    limit(pool, bytes),
    latchkey(pool, bytes, size.revocations),
    ...(await peers(pool, bytes)),
  ];
  const figures = await measureRounds(contenders, {
    rounds: size.rounds,
    warmUpRounds: size.warmUpRounds,
    ...(onProgress && { onProgress }),
  });
  const comparedWith = (id: string, label: string) => ratioOf(figures, ['latchkey', id], label);
  return {
    name: 'first-sight',
    title: 'A new token',
    figures,
    ratios: [
      ratioOf(figures, ['latchkey', 'limit'], 'Latchkey ÷ limit', atLeast(0.85)),
      comparedWith('fast-jwt', 'Latchkey ÷ fast-jwt'),
      comparedWith('jsonwebtoken', 'Latchkey ÷ jsonwebtoken with a KeyObject'),
      comparedWith('aws-jwt-verify', 'Latchkey ÷ aws-jwt-verify'),
      comparedWith('jose', 'Latchkey ÷ jose'),
    ],
    notes: [
      `${bytes.length} tokens of ${bytes[0]?.length ?? 0} bytes per round, RSA-2048, one thread; ` +
        `${size.revocations.toLocaleString('en')} revocations loaded.`,
    ],
  };
}

/** The lower bound: only the signature check, with everything prepared. */
function limit({ jwk }: TokenPool, tokens: readonly Buffer[]): Contender {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const inputs = tokens.map((token) => {
    const dot = token.lastIndexOf('.');
    const signature = Buffer.from(token.toString('latin1', dot + 1), 'base64url');
    return { signed: token.subarray(0, dot), signature };
  });
  return {
    id: 'limit',
    label: 'limit: crypto.verify with a ready key',
    run: () => {
      for (const { signed, signature } of inputs)
        if (!verify('sha256', signed, key, signature)) throw new Error('a valid token was refused');
      return inputs.length;
    },
  };
}

/** Uses a new verifier in each round, with an empty cache. */
function latchkey(pool: TokenPool, bytes: readonly Buffer[], revocations: number): Contender {
  const denyList = loadedDenyList(revocations);
  let verifier: Awaited<ReturnType<typeof readyVerifier>> | undefined;
  let tokens: string[] = [];
  return {
    id: 'latchkey',
    label: '@latchkey/verifier',
    prepare: async () => {
      tokens = bytes.map(freshString);
      verifier?.close();
      verifier = await readyVerifier(pool, denyList);
      refreshWatermark(denyList);
    },
    run: async () => {
      if (!verifier) throw new Error('not prepared');
      for (const token of tokens) await verifier.verify(token);
      return tokens.length;
    },
  };
}

async function peers({ jwk }: TokenPool, bytes: readonly Buffer[]): Promise<Contender[]> {
  return [
    synchronous('fast-jwt', 'fast-jwt', fastJwt(jwk), bytes),
    synchronous(
      'jsonwebtoken',
      'jsonwebtoken with a KeyObject',
      jsonwebtokenWithKeyObject(jwk),
      bytes,
    ),
    synchronous('aws-jwt-verify', 'aws-jwt-verify', awsJwtVerify(jwk), bytes),
    asynchronous('jose', 'jose with a local key set', joseWithKeySet(jwk), bytes),
    asynchronous('jose-key', 'jose with a CryptoKey', await joseWithCryptoKey(jwk), bytes),
    synchronous('jsonwebtoken-pem', 'jsonwebtoken with a PEM', jsonwebtokenWithPem(jwk), bytes),
  ];
}

function synchronous(
  id: string,
  label: string,
  verifyToken: (token: string) => unknown,
  bytes: readonly Buffer[],
): Contender {
  let tokens: string[] = [];
  return {
    id,
    label,
    prepare: () => void (tokens = bytes.map(freshString)),
    run: () => {
      for (const token of tokens) verifyToken(token);
      return tokens.length;
    },
  };
}

function asynchronous(
  id: string,
  label: string,
  verifyToken: (token: string) => Promise<unknown>,
  bytes: readonly Buffer[],
): Contender {
  let tokens: string[] = [];
  return {
    id,
    label,
    prepare: () => void (tokens = bytes.map(freshString)),
    run: async () => {
      for (const token of tokens) await verifyToken(token);
      return tokens.length;
    },
  };
}
