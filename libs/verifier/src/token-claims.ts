import { TokenError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import { ScopeSet } from './scope-set.js';

/** The payload of a token: a parsed JSON object. */
export type Claims = Record<string, unknown>;

/** A principal that is being read. */
export type Draft<Principal> = { -readonly [Name in keyof Principal]: Principal[Name] };

/** The rules that the tokens of one issuer have in common, whatever their kind. */
export interface CommonRules {
  readonly issuer: string;
  readonly maxLifetimeSeconds: number;
}

/** What does not come from the claims that all kinds share. */
interface CommonContext {
  readonly keyId: string;
  /** The claim with the scopes. */
  readonly scopeName: string;
  /** It was checked already. */
  readonly audience: readonly string[];
}

/**
 * Reads the claims that all kinds of tokens share. Checks everything that does not depend on the current
 * time.
 *
 * @throws TokenError `invalid_claims`, `lifetime_too_long`, `sender_constrained`
 */
export function readCommonClaims(
  claims: Claims,
  rules: CommonRules,
  { keyId, scopeName, audience }: CommonContext,
): Draft<TokenPrincipal> {
  // DPoP (RFC 9449) and mTLS (RFC 8705) bind a token to a key, so that a thief cannot use it. Accepting
  // it as a bearer token would remove that protection.
  if (has(claims, 'cnf')) throw new TokenError('sender_constrained');
  const issuedAt = time(claims, 'iat');
  const expiresAt = time(claims, 'exp');
  if (expiresAt <= issuedAt) throw new TokenError('invalid_claims', 'exp is not after iat');
  if (expiresAt - issuedAt > rules.maxLifetimeSeconds) throw new TokenError('lifetime_too_long');
  // With object spread, each principal would get a hidden class of its own, which costs microseconds per token.
  const principal: Draft<TokenPrincipal> = {
    issuer: rules.issuer,
    subject: identifier(claims, 'sub'),
    audience,
    scopes: readScopes(claims, scopeName),
    issuedAt,
    expiresAt,
    keyId,
    claims: deepFreeze(claims),
  };
  if (has(claims, 'sid')) principal.sessionId = identifier(claims, 'sid');
  if (has(claims, 'nbf')) principal.notBefore = time(claims, 'nbf');
  return principal;
}

/** Ignores inherited members, which a claim named `__proto__` would supply. */
export const has = (claims: Claims, name: string) => Object.hasOwn(claims, name);

/** Rejects lone surrogates, which JSON can express, but UTF-8 and databases cannot. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

/** @throws TokenError `invalid_claims` */
export function identifier(claims: Claims, name: string): string {
  const value = has(claims, name) ? claims[name] : undefined;
  if (!isName(value)) throw new TokenError('invalid_claims', `${name} is not a non-empty string`);
  return value;
}

/**
 * Rejects infinity: `1e400` is valid JSON, and would make a token that never expires.
 *
 * @throws TokenError `invalid_claims`
 */
export function time(claims: Claims, name: string): number {
  const value = has(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new TokenError('invalid_claims', `${name} is not a finite, non-negative number`);
  }
  return value;
}

/** Scopes are space-separated (RFC 8693 §4.2). A missing claim means no scopes. */
function readScopes(claims: Claims, name: string): ReadonlySet<string> {
  const value = has(claims, name) ? claims[name] : '';
  if (typeof value !== 'string') throw new TokenError('invalid_claims', `${name} is not a string`);
  return new ScopeSet(value);
}

/** The depth is limited by the parser. */
function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value) as unknown[])
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
