import { randomUUID } from 'node:crypto';
import type { AccessTokenClaims, Actor } from '@latchkey/contracts';

/** What is the same for every token of one issuer. */
export interface AccessTokenProfile {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
}

/** For whom a token is issued. Times are NumericDates in seconds. */
export interface AccessTokenRequest {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: Iterable<string>;
  /** `sid`, for a user's session. */
  readonly sessionId?: string | undefined;
  /** `auth_time`, when the user authenticated. */
  readonly authTime?: number | undefined;
  /**
   * No earlier `iat` than this: the `before` of the subject's or client's last revocation, which
   * would otherwise cover a token issued in the same second but after it.
   */
  readonly notBefore?: number | undefined;
  /** No later `exp` than this. */
  readonly notAfter?: number | undefined;
  /** Instead of the profile's. */
  readonly audiences?: readonly string[] | undefined;
  /** `act` (RFC 8693 §4.1): who acts for the subject. */
  readonly actor?: Actor | undefined;
}

/** The claims of a new access token (RFC 9068 §2.2). `now` in milliseconds since 1970. */
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
