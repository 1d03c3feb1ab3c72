import type { Actor } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import {
  has,
  identifier,
  isName,
  readCommonClaims,
  time,
  type Claims,
  type CommonRules,
} from './token-claims.js';
import type { ClaimNames } from './verifier-options.js';

const MAX_ACTORS = 8;

/** The rules for one issuer's access tokens. */
export interface ClaimRules extends CommonRules {
  readonly audiences: ReadonlySet<string>;
  readonly claimNames: Required<ClaimNames>;
}

/**
 * Converts the claims of an access token (RFC 9068 §2.2) to a principal. Checks everything that does not
 * depend on the current time.
 *
 * @throws TokenError `invalid_claims`, `untrusted_issuer`, `wrong_audience`, `lifetime_too_long`,
 *   `sender_constrained`
 */
export function readPrincipal(claims: Claims, rules: ClaimRules, keyId: string): TokenPrincipal {
  if (claims['iss'] !== rules.issuer) throw new TokenError('untrusted_issuer');
  const audience = readAudience(claims, rules.audiences);
  const { clientId, tokenId, scope: scopeName } = rules.claimNames;
  const principal = readCommonClaims(claims, rules, { keyId, scopeName, audience });
  if (clientId !== null) principal.clientId = identifier(claims, clientId);
  if (tokenId !== null) principal.tokenId = identifier(claims, tokenId);
  if (has(claims, 'auth_time')) principal.authenticatedAt = time(claims, 'auth_time');
  if (has(claims, 'act')) principal.actor = readActor(claims['act'], 1);
  // Frozen, because a cached principal is shared between requests.
  return Object.freeze(principal);
}

function readAudience(claims: Claims, expected: ReadonlySet<string>): readonly string[] {
  const value = has(claims, 'aud') ? claims['aud'] : undefined;
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0) throw new TokenError('invalid_claims', 'aud is empty');
  let matches = false;
  for (const name of names) {
    if (!isName(name)) {
      throw new TokenError('invalid_claims', 'aud is not a non-empty string or an array of them');
    }
    matches ||= expected.has(name);
  }
  if (!matches) throw new TokenError('wrong_audience');
  return Object.freeze(names as string[]);
}

function readActor(value: unknown, depth: number): Actor {
  if (typeof value !== 'object' || value === null || depth > MAX_ACTORS) {
    throw new TokenError('invalid_claims', 'act is not a valid actor');
  }
  const claims = value as Claims;
  const actor: Actor = { sub: identifier(claims, 'sub') };
  if (has(claims, 'client_id')) actor.client_id = identifier(claims, 'client_id');
  if (has(claims, 'act')) actor.act = readActor(claims['act'], depth + 1);
  return Object.freeze(actor);
}
