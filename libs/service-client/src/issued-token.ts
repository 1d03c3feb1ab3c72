import { ACCESS_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import type { TokenIdentity } from '@latchkey/verifier';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { invalidResponse, type ServiceTokenError } from './errors.js';
import type { TokenTarget } from './token-target.js';

/** A token as the issuer sent it, checked. */
export interface IssuedToken {
  readonly token: string;
  readonly lifetimeSeconds: number;
  /** The identifiers that a revocation can match; undefined for a token whose claims cannot be read. */
  readonly identity: TokenIdentity | undefined;
}

/** The request that the answer must match. */
export interface Expected extends TokenTarget {
  readonly issuer: string;
  readonly grant: ServiceTokenError['grant'];
  /** The user for whom a token was exchanged, by the claims of the same issuer. */
  readonly user?: { readonly subject: string; readonly sessionId?: string };
}

/** Token types that can be sent as a bearer token (RFC 8693 §3). */
const BEARER_TYPES: ReadonlySet<unknown> = new Set([
  ACCESS_TOKEN_TYPE_URI,
  'urn:ietf:params:oauth:token-type:jwt',
]);
/** RFC 6750 §2.1, so that it fits into one header. The error of a header that cannot be set quotes its value. */
export const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}=*$/;
/** The lifetime of a token whose server does not state one, although RFC 6749 §5.1 recommends it. */
const DEFAULT_LIFETIME_SECONDS = 60;

/**
 * Reads the answer of a token endpoint. A token for somebody else, for another service, or for more than was
 * asked for is refused, even if the issuer sent it.
 *
 * @throws ServiceTokenError `invalid_response`
 */
export function readIssuedToken(response: TokenEndpointResponse, expected: Expected): IssuedToken {
  const refuse = (what: string): never => {
    throw invalidResponse(expected.grant, what);
  };
  const { access_token: token, token_type: type, issued_token_type: issuedType, scope } = response;
  if (type.toLowerCase() !== 'bearer') refuse('token_type is not Bearer');
  if (!BEARER_TOKEN.test(token)) refuse('access_token is not a bearer token (RFC 6750 §2.1)');
  if (expected.grant === 'token_exchange' && !BEARER_TYPES.has(issuedType))
    refuse('issued_token_type is missing, or not that of an access token (RFC 8693 §2.2.1)');
  if (scope !== undefined) checkScope(scope, expected.scopes, refuse);
  const claims = claimsOf(token);
  if (claims) checkClaims(claims, expected, refuse);
  return {
    token,
    lifetimeSeconds: lifetimeOf(response, claims, refuse),
    identity: claims && readIdentity(token, claims),
  };
}

/** Claims of a JWT, or the members of its header. */
export type Claims = Readonly<Record<string, unknown>>;
type Refuse = (what: string) => never;

/** Reads the claims of a JWT. Its signature proves nothing here: the issuer itself sent it, over TLS. */
function claimsOf(token: string): Claims | undefined {
  return token.split('.').length === 3 ? jsonOf(token.split('.')[1]!) : undefined;
}

/** Reads a part of a JWT; undefined if it is none, because an opaque token may contain dots as well. */
export function jsonOf(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** Without a scope in the request, the issuer decides (RFC 6749 §3.3). */
function checkScope(granted: string, wanted: readonly string[], refuse: Refuse): void {
  if (wanted.length === 0) return;
  const names = new Set(namesOf(granted));
  if (!wanted.every((name) => names.has(name))) refuse('the scope is less than was asked for');
  if (names.size > wanted.length) refuse('the scope is more than was asked for');
}

const namesOf = (scope: string) => scope.split(' ').filter((name) => name !== '');

function checkClaims(claims: Claims, expected: Expected, refuse: Refuse): void {
  const { aud, iss, sub, sid, scope } = claims;
  checkScopeClaim(scope, expected.scopes, refuse);
  if (![aud].flat().includes(expected.audience)) refuse('aud is another audience');
  // Claims of another issuer may name the user differently.
  if (iss !== expected.issuer || !expected.user) return;
  const { subject, sessionId } = expected.user;
  if (sub !== subject) refuse('sub is another user');
  if (sid !== undefined && sessionId !== undefined && sid !== sessionId)
    refuse('sid is another session');
}

/**
 * The answer may leave the scope out, and says nothing that binds the service: it reads the claim (RFC 9068 §2.2.3).
 * Less than was asked for is possible there, because a server may keep the scope to itself.
 */
function checkScopeClaim(scope: unknown, wanted: readonly string[], refuse: Refuse): void {
  if (typeof scope !== 'string' || wanted.length === 0) return;
  if (!namesOf(scope).every((name) => wanted.includes(name)))
    refuse('the token has more scope than was asked for');
}

function lifetimeOf(response: TokenEndpointResponse, claims: Claims | undefined, refuse: Refuse) {
  const { exp, iat } = claims ?? {};
  const ofClaims = typeof exp === 'number' && typeof iat === 'number' ? exp - iat : Infinity;
  const seconds = Math.min(response.expires_in ?? Infinity, ofClaims);
  const lifetime = seconds === Infinity ? DEFAULT_LIFETIME_SECONDS : seconds;
  return lifetime > 0 ? lifetime : refuse('the token has expired already');
}

/** The identity is incomplete for a token of another kind of server, which does not publish its revocations. */
function readIdentity(token: string, claims: Claims): TokenIdentity | undefined {
  const { iss, sub, iat, jti, sid, client_id: clientId } = claims;
  const keyId = jsonOf(token.split('.')[0]!)?.['kid'];
  if (typeof iss !== 'string' || iss === '' || typeof sub !== 'string') return undefined;
  if (typeof iat !== 'number' || typeof keyId !== 'string') return undefined;
  return {
    issuer: iss,
    subject: sub,
    issuedAt: iat,
    keyId,
    ...(typeof clientId === 'string' && { clientId }),
    ...(typeof jti === 'string' && { tokenId: jti }),
    ...(typeof sid === 'string' && { sessionId: sid }),
  };
}
