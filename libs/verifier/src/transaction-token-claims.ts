import { WORKLOAD_SEPARATOR } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import type { Transaction, TransactionPrincipal } from './principal.js';
import {
  has,
  identifier,
  isName,
  readCommonClaims,
  type Claims,
  type CommonRules,
} from './token-claims.js';

/** The rules for one issuer's transaction tokens. */
export interface TransactionRules extends CommonRules {
  readonly trustDomain: string;
  /** The claim with the token ID; null if the issuer has no such claim. */
  readonly tokenIdName: string | null;
}

const NOTHING: Transaction['details'] = Object.freeze({});

/**
 * Converts the claims of a transaction token (draft-ietf-oauth-transaction-tokens-10, "JWT Body Claims")
 * to a principal. Checks everything that does not depend on the current time.
 *
 * The client of the token is the workload that asked for it, so that revoking the client ends the token.
 * An `act` claim is ignored, because the actor is the caller, which authenticates itself.
 *
 * @throws TokenError `invalid_claims`, `untrusted_issuer`, `wrong_audience`, `lifetime_too_long`,
 *   `sender_constrained`
 */
export function readTransactionPrincipal(
  claims: Claims,
  rules: TransactionRules,
  keyId: string,
): TransactionPrincipal {
  if (claims['iss'] !== rules.issuer) throw new TokenError('untrusted_issuer');
  // The audience is always one string: a token for two trust domains would be valid in one that did not issue
  // it.
  const trustDomain = identifier(claims, 'aud');
  if (trustDomain !== rules.trustDomain) throw new TokenError('wrong_audience');
  const audience = Object.freeze([trustDomain]);
  const principal = readCommonClaims(claims, rules, { keyId, scopeName: 'scope', audience });
  if (principal.scopes.size === 0) throw new TokenError('invalid_claims', 'scope is empty');
  const requestingWorkloads = readWorkloads(claims);
  const transaction: Transaction = Object.freeze({
    id: identifier(claims, 'txn'),
    requestingWorkloads,
    requestContext: readContext(claims, 'rctx'),
    details: readContext(claims, 'tctx'),
  });
  principal.clientId = requestingWorkloads.at(-1)!;
  if (rules.tokenIdName !== null) principal.tokenId = identifier(claims, rules.tokenIdName);
  return Object.freeze(Object.assign(principal, { transaction }));
}

function readWorkloads(claims: Claims): readonly string[] {
  const names = identifier(claims, 'req_wl').split(WORKLOAD_SEPARATOR);
  if (!names.every(isName)) throw new TokenError('invalid_claims', 'req_wl has an empty name');
  return Object.freeze(names);
}

/** The claims are deeply frozen, so that no handler can change what the next one reads. */
function readContext(claims: Claims, name: 'rctx' | 'tctx'): Transaction['details'] {
  if (!has(claims, name)) return NOTHING;
  const value = claims[name];
  if (!isObject(value) || Array.isArray(value))
    throw new TokenError('invalid_claims', `${name} is not a JSON object`);
  rejectPrototype(value, name);
  return value as Transaction['details'];
}

/** A handler that copies a member called `__proto__` would change the prototype of the copy. */
function rejectPrototype(value: object, name: string): void {
  if (Object.hasOwn(value, '__proto__'))
    throw new TokenError('invalid_claims', `${name} has a member __proto__`);
  for (const member of Object.values(value) as unknown[])
    if (isObject(member)) rejectPrototype(member, name);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
