import type { Actor } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import { ScopeSet } from './scope-set.js';
import type { ClaimNames } from './verifier-options.js';

const MAX_ACTORS = 8;

/** The rules for one issuer's tokens. */
export interface ClaimRules {
  readonly issuer: string;
  readonly audiences: ReadonlySet<string>;
  readonly maxLifetimeSeconds: number;
  readonly claimNames: Required<ClaimNames>;
}

type Claims = Record<string, unknown>;
type Draft = { -readonly [Name in keyof TokenPrincipal]: TokenPrincipal[Name] };

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
  // DPoP (RFC 9449) and mTLS (RFC 8705) bind a token to a key, so that a thief cannot use it. Accepting
  // it as a bearer token would remove that protection.
  if (has(claims, 'cnf')) throw new TokenError('sender_constrained');
  const issuedAt = time(claims, 'iat');
  const expiresAt = time(claims, 'exp');
  if (expiresAt <= issuedAt) throw new TokenError('invalid_claims', 'exp is not after iat');
  if (expiresAt - issuedAt > rules.maxLifetimeSeconds) throw new TokenError('lifetime_too_long');
  const principal: Draft = {
    issuer: rules.issuer,
    subject: identifier(claims, 'sub'),
    audience,
    scopes: readScopes(claims, rules.claimNames.scope),
    issuedAt,
    expiresAt,
    keyId,
    claims: deepFreeze(claims),
  };
  const { clientId, tokenId } = rules.claimNames;
  if (clientId !== null) principal.clientId = identifier(claims, clientId);
  if (tokenId !== null) principal.tokenId = identifier(claims, tokenId);
  readOptional(claims, principal);
  // Frozen, because a cached principal is shared between requests.
  return Object.freeze(principal);
}

/** The depth is limited by the parser. */
function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value) as unknown[])
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}

function readOptional(claims: Claims, principal: Draft): void {
  if (has(claims, 'sid')) principal.sessionId = identifier(claims, 'sid');
  if (has(claims, 'nbf')) principal.notBefore = time(claims, 'nbf');
  if (has(claims, 'auth_time')) principal.authenticatedAt = time(claims, 'auth_time');
  if (has(claims, 'act')) principal.actor = readActor(claims['act'], 1);
}

const has = (claims: Claims, name: string) => Object.hasOwn(claims, name);

/** Rejects lone surrogates, which JSON can express, but UTF-8 and databases cannot. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

function identifier(claims: Claims, name: string): string {
  const value = has(claims, name) ? claims[name] : undefined;
  if (!isName(value)) throw new TokenError('invalid_claims', `${name} is not a non-empty string`);
  return value;
}

/** Rejects infinity: `1e400` is valid JSON, and would make a token that never expires. */
function time(claims: Claims, name: string): number {
  const value = has(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new TokenError('invalid_claims', `${name} is not a finite, non-negative number`);
  }
  return value;
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

/** Scopes are space-separated (RFC 8693 §4.2). A missing claim means no scopes. */
function readScopes(claims: Claims, name: string): ReadonlySet<string> {
  const value = has(claims, name) ? claims[name] : '';
  if (typeof value !== 'string') throw new TokenError('invalid_claims', `${name} is not a string`);
  return new ScopeSet(value);
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
