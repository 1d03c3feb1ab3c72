import type { Principal, RevocationCheck, TokenIdentity, TokenPrincipal } from '@latchkey/verifier';

/** Whether one token, or the session behind it, is revoked now. */
export interface RevocationLookup {
  isRevoked(): boolean;
}

/** The revocations that this process has heard of, or `ignore` if it hears of none. */
export type Revocations = RevocationCheck | 'ignore';

const NEVER: RevocationLookup = { isRevoked: () => false };

/** Prepares the look-up of a token, which is repeated at each use. */
export function lookupOf(
  revocations: Revocations,
  identity: TokenIdentity | undefined,
): RevocationLookup {
  if (revocations === 'ignore' || identity === undefined) return NEVER;
  return revocations.prepare?.(identity) ?? { isRevoked: () => revocations.isRevoked(identity) };
}

/**
 * Returns the identifiers by which a revocation can match the credential of a principal. A session has neither
 * a key nor a token
 * id, and is as old as its log-in: a log-out everywhere ends the sessions that began before it.
 */
export function identityOf(principal: Principal): TokenIdentity {
  const { issuer, subject, clientId, sessionId, authenticatedAt = 0 } = principal;
  const { tokenId, issuedAt = authenticatedAt, keyId = '' } = principal as Partial<TokenPrincipal>;
  return {
    issuer,
    subject,
    issuedAt,
    keyId,
    ...(clientId !== undefined && { clientId }),
    ...(tokenId !== undefined && { tokenId }),
    ...(sessionId !== undefined && { sessionId }),
  };
}
