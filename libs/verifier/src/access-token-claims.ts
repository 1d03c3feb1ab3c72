import type { Actor } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import type { Principal } from './principal.js';

const MAX_ACTORS = 8;

/** What one issuer is held to. */
export interface ClaimRules {
  readonly issuer: string;
  readonly audiences: ReadonlySet<string>;
  readonly maxLifetimeSeconds: number;
}

type Claims = Record<string, unknown>;

/**
 * Reads the claims of an access token (RFC 9068 §2.2) and checks what does not change with time.
 *
 * @throws TokenError `invalid_claims`, `untrusted_issuer`, `wrong_audience`, `lifetime_too_long`
 */
export function readPrincipal(claims: Claims, rules: ClaimRules, keyId: string): Principal {
  if (claims['iss'] !== rules.issuer) throw new TokenError('untrusted_issuer');
  const audience = readAudience(claims);
  if (!audience.some((name) => rules.audiences.has(name))) throw new TokenError('wrong_audience');
  const issuedAt = time(claims, 'iat');
  const expiresAt = time(claims, 'exp');
  if (expiresAt <= issuedAt) throw new TokenError('invalid_claims', 'exp is not after iat');
  if (expiresAt - issuedAt > rules.maxLifetimeSeconds) throw new TokenError('lifetime_too_long');
  return {
    issuer: rules.issuer,
    subject: identifier(claims, 'sub'),
    clientId: identifier(claims, 'client_id'),
    tokenId: identifier(claims, 'jti'),
    audience,
    scopes: readScopes(claims),
    issuedAt,
    expiresAt,
    keyId,
    ...readOptional(claims),
  };
}

function readOptional(claims: Claims) {
  const optional: { -readonly [Name in keyof Principal]?: Principal[Name] } = {};
  if (has(claims, 'sid')) optional.sessionId = identifier(claims, 'sid');
  if (has(claims, 'nbf')) optional.notBefore = time(claims, 'nbf');
  if (has(claims, 'auth_time')) optional.authenticatedAt = time(claims, 'auth_time');
  if (has(claims, 'act')) optional.actor = readActor(claims['act'], 1);
  return optional;
}

const has = (claims: Claims, name: string) => Object.hasOwn(claims, name);

function identifier(claims: Claims, name: string): string {
  const value = has(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'string' || value === '') {
    throw new TokenError('invalid_claims', `${name} is not a non-empty string`);
  }
  return value;
}

/** `1e400` is valid JSON and parses to Infinity: a token that never expires. */
function time(claims: Claims, name: string): number {
  const value = has(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new TokenError('invalid_claims', `${name} is not a finite, non-negative number`);
  }
  return value;
}

function readAudience(claims: Claims): readonly string[] {
  const value = has(claims, 'aud') ? claims['aud'] : undefined;
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw new TokenError('invalid_claims', 'aud is not a non-empty string or an array of them');
  }
  return names as string[];
}

/** Space-separated (RFC 8693 §4.2); a token without scopes is one that may do nothing special. */
function readScopes(claims: Claims): ReadonlySet<string> {
  const value = has(claims, 'scope') ? claims['scope'] : '';
  if (typeof value !== 'string') throw new TokenError('invalid_claims', 'scope is not a string');
  return new Set(value === '' ? [] : value.split(' '));
}

function readActor(value: unknown, depth: number): Actor {
  if (typeof value !== 'object' || value === null || depth > MAX_ACTORS) {
    throw new TokenError('invalid_claims', 'act is not an actor');
  }
  const claims = value as Claims;
  const actor: Actor = { sub: identifier(claims, 'sub') };
  if (has(claims, 'client_id')) actor.client_id = identifier(claims, 'client_id');
  if (has(claims, 'act')) actor.act = readActor(claims['act'], depth + 1);
  return actor;
}
