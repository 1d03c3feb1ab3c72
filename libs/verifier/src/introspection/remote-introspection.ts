import type { ClientAuthentication } from '@latchkey/contracts/client-authentication';
import { readBounded } from '../bounded-body.js';
import type { TokenPrincipal } from '../principal.js';
import type { Introspect } from '../verifier-options.js';

/** Far more than an introspection response needs. */
const MAX_BYTES = 64 * 1024;

/** Asks an introspection endpoint (RFC 7662) as a confidential client. */
export function remoteIntrospection(
  url: string,
  { prove }: Pick<ClientAuthentication, 'prove'>,
): Introspect {
  return async (token, principal, signal) => {
    const { headers, form } = await prove();
    const response = await fetch(url, {
      method: 'POST',
      signal,
      // Never send the token to another URL.
      redirect: 'error',
      headers: { ...headers, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token', ...form }),
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`introspection answered ${response.status}`);
    }
    return isActive(JSON.parse(await readBounded(response.body, MAX_BYTES)), principal);
  };
}

/** Reads the response (RFC 7662 §2.2), and rejects one about another token. */
function isActive(answer: unknown, principal: TokenPrincipal): boolean {
  if (typeof answer !== 'object' || answer === null || !('active' in answer))
    throw new Error('the response is not an introspection response');
  if (typeof answer.active !== 'boolean')
    throw new Error('the response has no boolean member active');
  if (answer.active && !isAbout(answer, principal))
    throw new Error('the response is about another token');
  return answer.active;
}

/** These members are optional in a response. */
function isAbout(answer: object, { issuer, subject, tokenId }: TokenPrincipal): boolean {
  const { iss = issuer, sub = subject, jti = tokenId } = answer as Record<string, unknown>;
  return iss === issuer && sub === subject && jti === tokenId;
}
