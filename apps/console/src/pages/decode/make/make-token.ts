import {
  calculateJwkThumbprint,
  CompactSign,
  exportJWK,
  generateKeyPair,
  generateSecret,
  type JWK,
} from 'jose';

/** The algorithms of test tokens, the most usual first (RFC 7518 §3.1, RFC 9864). */
export const ALGORITHMS = [
  'RS256',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS512',
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface MadeToken {
  readonly token: string;
  /** A JWK Set with the key to check it with. */
  readonly keySet: string;
}

/**
 * Signs claims with a key that is made for them.
 *
 * @param payload usually a JSON object, but any text can be signed
 */
export async function makeToken(
  algorithm: Algorithm,
  type: string,
  payload: string,
): Promise<MadeToken> {
  const { signing, checking } = await freshKey(algorithm);
  const kid = await calculateJwkThumbprint(checking);
  const header = { alg: algorithm, ...(type !== '' && { typ: type }), kid };
  const token = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader(header)
    .sign(signing);
  const keySet = { keys: [{ ...checking, kid, alg: algorithm, use: 'sig' }] };
  return { token, keySet: JSON.stringify(keySet, null, 2) };
}

async function freshKey(
  algorithm: Algorithm,
): Promise<{ signing: CryptoKey | Uint8Array; checking: JWK }> {
  if (algorithm.startsWith('HS')) {
    const secret = await generateSecret(algorithm, { extractable: true });
    return { signing: secret, checking: await exportJWK(secret) };
  }
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { signing: privateKey, checking: await exportJWK(publicKey) };
}
