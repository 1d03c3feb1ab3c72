import { basicCredentials } from '@latchkey/contracts';
import { readBounded } from '../bounded-body.js';
import type { TokenPrincipal } from '../principal.js';
import type { Introspect, RemoteIntrospection } from '../verifier-options.js';

/** Far above any honest answer. */
const MAX_BYTES = 64 * 1024;

/** OAuth token introspection (RFC 7662) as a confidential client. */
export function remoteIntrospection(
  url: string,
  { clientId, clientSecret }: RemoteIntrospection,
): Introspect {
  const authorization = basicCredentials(clientId, clientSecret);
  return async (token, principal, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      signal,
      // The token goes to this address and to no other.
      redirect: 'error',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`introspection answered ${response.status}`);
    }
    return isActive(JSON.parse(await readBounded(response.body, MAX_BYTES)), principal);
  };
}

/** RFC 7662 §2.2. An answer about another token is no answer. */
function isActive(answer: unknown, principal: TokenPrincipal): boolean {
  if (typeof answer !== 'object' || answer === null || !('active' in answer))
    throw new Error('the answer is not that of an introspection');
  if (typeof answer.active !== 'boolean')
    throw new Error('the answer does not say whether it is active');
  if (answer.active && !isAbout(answer, principal))
    throw new Error('the answer is about another token');
  return answer.active;
}

/** All of these are optional in an answer. */
function isAbout(answer: object, { issuer, subject, tokenId }: TokenPrincipal): boolean {
  const { iss = issuer, sub = subject, jti = tokenId } = answer as Record<string, unknown>;
  return iss === issuer && sub === subject && jti === tokenId;
}
