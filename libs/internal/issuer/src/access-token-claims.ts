import { randomUUID } from 'node:crypto';
import type { AccessTokenClaims, Actor } from '@latchkey/contracts';

/** Settings that all tokens of an issuer share. */
export interface AccessTokenProfile {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
}

/** The properties of one token. Times are NumericDates in seconds. */
export interface AccessTokenRequest {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: Iterable<string>;
  /** `sid`, the user's session. */
  readonly sessionId?: string | undefined;
  /** `auth_time`, when the user authenticated. */
  readonly authTime?: number | undefined;
  /**
   * The earliest `iat`: the `before` of the subject's or client's last revocation. Otherwise that revocation would also
   * cover a token issued after it in the same second.
   */
  readonly notBefore?: number | undefined;
  /** The latest `exp`. */
  readonly notAfter?: number | undefined;
  /** Default: the profile's audiences. */
  readonly audiences?: readonly string[] | undefined;
  /** `act` (RFC 8693 §4.1): the party that acts for the subject. */
  readonly actor?: Actor | undefined;
}

/**
 * Builds the claims of a new access token (RFC 9068 §2.2).
 *
 * @param now milliseconds since 1970
 */
export function buildAccessTokenClaims(
  profile: AccessTokenProfile,
  request: AccessTokenRequest,
  now: number,
): AccessTokenClaims {
  const iat = Math.max(Math.floor(now / 1000), request.notBefore ?? 0);
  const { sessionId, authTime, actor, notAfter = Infinity } = request;
  return {
    iss: profile.issuer,
    sub: request.subject,
    aud: [...(request.audiences ?? profile.audiences)],
    exp: Math.min(iat + profile.lifetimeSeconds, notAfter),
    iat,
    jti: randomUUID(),
    client_id: request.clientId,
    scope: [...request.scopes].join(' '),
    ...(sessionId !== undefined && { sid: sessionId }),
    ...(authTime !== undefined && { auth_time: authTime }),
    ...(actor !== undefined && { act: actor }),
  };
}
