import type { DecodedToken } from '@latchkey/inspector';
import { z } from 'zod';
import { CommandError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';

/** Whether the auth service of this command has issued a token, by what the token says. */
export type TokenOwner =
  | 'auth'
  /** Why it has not, or why that is not known, as the end of a sentence. */
  | { readonly unknown: string };

const Metadata = z.object({ issuer: z.string() });

/**
 * Asks the auth service for its name (RFC 8414 §2), which can differ from the address that it is reached at: in its own
 * network, or at a second name.
 */
export async function ownerOf(cli: Invocation, { claims }: DecodedToken): Promise<TokenOwner> {
  if (claims === undefined) return { unknown: 'it has no claims that can be read' };
  if (claims['iss'] === undefined) return { unknown: 'it names no issuer' };
  const { api } = cli.apiWithoutToken();
  try {
    const { issuer } = await api.get('/.well-known/oauth-authorization-server', Metadata);
    return claims['iss'] === issuer ? 'auth' : { unknown: 'this issuer tells nobody' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { title, detail } = error.problem;
    const reason = detail === undefined ? title : `${title}: ${detail}`;
    return { unknown: `it is not known whether auth has issued it (${reason})` };
  }
}
