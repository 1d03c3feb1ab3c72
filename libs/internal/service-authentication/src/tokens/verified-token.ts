import type { TokenPrincipal } from '@latchkey/verifier';

/**
 * What a token was, for metrics: a client's own, one with which a client acts for a user, a user's, or a transaction
 * token. A rejected access token is `unknown`, because nothing that it says can be trusted.
 */
export const VERIFIED_TOKENS = ['user', 'exchanged', 'client', 'transaction', 'unknown'] as const;
export type VerifiedToken = (typeof VERIFIED_TOKENS)[number];

/** @param principal of an accepted token */
export function verifiedToken(
  kind: 'access_token' | 'transaction_token',
  principal: TokenPrincipal | undefined,
): VerifiedToken {
  if (kind === 'transaction_token') return 'transaction';
  if (!principal) return 'unknown';
  const { actor, sessionId, subject, clientId } = principal;
  if (actor !== undefined) return 'exchanged';
  return sessionId === undefined && subject === clientId ? 'client' : 'user';
}
