import { z } from 'zod';

/**
 * How services act for a user when they call each other.
 *
 * - `exchange`: a token for each called service, which names the caller (RFC 8693).
 * - `transaction`: one token for all calls of a request, next to a token of the caller's own
 *   (draft-ietf-oauth-transaction-tokens-10).
 */
export const CallTokens = z.enum(['exchange', 'transaction']);
export type CallTokens = z.infer<typeof CallTokens>;
