import type { ClientJwk } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { createHash, randomBytes } from 'node:crypto';
import { readClientKey } from './client-key.js';
import type { ClientCredentialEntity } from './client-credential.entity.js';

const SECRET_BYTES = 32;
/** The format of the secrets that {@link newSecret} generates. */
const GENERATED_SECRET = /^[\w-]{43}$/;

/** A credential that is not stored yet. */
export interface NewCredential extends Pick<
  ClientCredentialEntity,
  'secretSha256' | 'jwk' | 'keyThumbprint'
> {
  /** The secret that was generated; only its hash is stored. */
  readonly clientSecret?: string;
}

export function newSecret(): NewCredential {
  const clientSecret = randomBytes(SECRET_BYTES).toString('base64url');
  const secretSha256 = createHash('sha256').update(clientSecret).digest('hex');
  return { clientSecret, secretSha256, jwk: null, keyThumbprint: null };
}

/**
 * Whether {@link newSecret} may have generated this secret. No managed client has another one, so no query is needed.
 */
export const isGeneratedSecret = (secret: string) => GENERATED_SECRET.test(secret);

/** @throws ProblemError 400 for a key that is weak or malformed */
export function newKey(presented: ClientJwk): NewCredential {
  try {
    const { jwk, thumbprint } = readClientKey(presented);
    return { secretSha256: null, jwk, keyThumbprint: thumbprint };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ProblemError(400, 'invalid_key', 'The key cannot be used', {
      detail: `it ${error.message}`,
    });
  }
}
