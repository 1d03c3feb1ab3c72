import type { DecodedToken } from '@latchkey/inspector';
import { z } from 'zod';
import { CommandError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';
import type { NoAnswer } from './no-answer.js';

/** Whether the auth service of this command has issued a token, by what the token says; if not, why nobody answers. */
export type TokenOwner = 'auth' | NoAnswer;

const Metadata = z.object({ issuer: z.string() });

/**
 * Asks the auth service for its name (RFC 8414 §2), which can differ from the address that it is reached at: in its own
 * network, or at a second name.
 */
export async function ownerOf(
  cli: Invocation,
  { claims }: DecodedToken,
  { isWorthAsking }: { isWorthAsking: boolean },
): Promise<TokenOwner> {
  if (claims === undefined) return { unknown: 'claims_unreadable' };
  if (claims['iss'] === undefined) return { unknown: 'no_issuer' };
  if (!isWorthAsking) return { unknown: 'signature_not_verified' };
  const { api } = cli.apiWithoutToken();
  try {
    const { issuer } = await api.get('/.well-known/oauth-authorization-server', Metadata);
    return claims['iss'] === issuer ? 'auth' : { unknown: 'other_issuer' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { title, detail } = error.problem;
    return {
      unknown: 'owner_unknown',
      detail: detail === undefined ? title : `${title}: ${detail}`,
    };
  }
}
