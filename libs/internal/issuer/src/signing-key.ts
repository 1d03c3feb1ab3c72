import type { KeyObject } from 'node:crypto';

/** The algorithm of every key. Verifiers take it from the key, not from the token. */
export const SIGNING_ALGORITHM = 'RS256';

/**
 * The life of a signing key, in order:
 *
 * - `pending`: published but not signing yet, so that every verifier knows it before its first token
 * - `active`: signing; there is exactly one
 * - `retiring`: no longer signing, still published for the tokens that it signed
 * - `retired`: no longer published, because the last of those tokens has expired
 * - `revoked`: withdrawn at once, from any state but `retired`
 */
export type SigningKeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';

const PUBLISHED_STATES: readonly SigningKeyState[] = ['pending', 'active', 'retiring'];

/** Whether a key in this state is in the JWKS. */
export function isPublished(state: SigningKeyState): boolean {
  return PUBLISHED_STATES.includes(state);
}

/** The public key as served (RFC 7517 §4, RFC 7518 §6.3.1), with exactly these members. */
export interface PublicSigningJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly alg: typeof SIGNING_ALGORITHM;
  readonly use: 'sig';
  /** RFC 7638 thumbprint. */
  readonly kid: string;
}

/** A stored key. */
export interface StoredSigningKey {
  readonly keyId: string;
  readonly state: SigningKeyState;
  /** When it entered {@link state}, milliseconds since 1970 by the store's clock. */
  readonly stateSince: number;
  readonly publicJwk: PublicSigningJwk;
  /** PKCS #8, encrypted with AES-256-GCM; absent once the key no longer signs. */
  readonly encryptedPrivateKey?: Uint8Array;
}

/** The encrypted private key of a stored key. */
export type EncryptedSigningKey = Required<Pick<StoredSigningKey, 'keyId' | 'encryptedPrivateKey'>>;

/** A key that is ready to sign. */
export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: typeof SIGNING_ALGORITHM;
  readonly privateKey: KeyObject;
}
