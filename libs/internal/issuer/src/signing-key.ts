import type { KeyObject } from 'node:crypto';

/** Every key signs with this; verifiers take the algorithm from the key, not from the token. */
export const SIGNING_ALGORITHM = 'RS256';

/**
 * The life of a signing key, in order:
 *
 * - `pending`: published, signs nothing yet, so that every verifier knows it before its first token
 * - `active`: signs; there is exactly one
 * - `retiring`: signs no more, still published for the tokens that it signed
 * - `retired`: the last of those has expired; no longer published
 * - `revoked`: withdrawn at once from any of the states above
 */
export type SigningKeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';

/** States in which verifiers find the key in the JWKS. */
export const PUBLISHED_STATES = ['pending', 'active', 'retiring'] as const;

export function isPublished(state: SigningKeyState): boolean {
  return (PUBLISHED_STATES as readonly SigningKeyState[]).includes(state);
}

/** The public half as served (RFC 7517 §4, RFC 7518 §6.3.1): these members and no others. */
export interface PublicSigningJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly alg: typeof SIGNING_ALGORITHM;
  readonly use: 'sig';
  /** RFC 7638 thumbprint. */
  readonly kid: string;
}

/** A key as the store keeps it. */
export interface StoredSigningKey {
  readonly keyId: string;
  readonly state: SigningKeyState;
  /** When it entered {@link state}, milliseconds since 1970 by the store's clock. */
  readonly stateSince: number;
  readonly publicJwk: PublicSigningJwk;
  /** PKCS #8 under AES-256-GCM; absent once the key signs no more. */
  readonly encryptedPrivateKey?: Uint8Array;
}

/** The private half of a stored key. */
export type EncryptedSigningKey = Required<Pick<StoredSigningKey, 'keyId' | 'encryptedPrivateKey'>>;

/** A key that is ready to sign. */
export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: typeof SIGNING_ALGORITHM;
  readonly privateKey: KeyObject;
}
