import { z } from 'zod';

/** The `typ` header of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** The maximum size of an access token, in bytes. Verifiers reject longer ones unread. */
export const MAX_TOKEN_BYTES = 8 * 1024;

const Identifier = z.string().min(1);
/** A NumericDate (RFC 7519 §2), but not 0: no token is from 1970. */
const TokenTime = z.number().int().positive();

/** The party that acts for the subject (`act`, RFC 8693 §4.1). Nested actors form a delegation chain. */
export interface Actor {
  sub: string;
  client_id?: string | undefined;
  act?: Actor | undefined;
}

/** The `act` claim. */
export const ActorClaim: z.ZodType<Actor> = z
  .lazy(() =>
    z.object({
      sub: Identifier,
      client_id: Identifier.optional(),
      act: ActorClaim.optional(),
    }),
  )
  // A recursive schema needs a name in OpenAPI documents.
  .meta({ id: 'Actor' });

/**
 * The claims of the auth service's access tokens (RFC 9068 §2.2). Times are NumericDates (RFC 7519 §2)
 * in whole seconds.
 */
export const AccessTokenClaims = z.strictObject({
  iss: z.url(),
  sub: Identifier,
  aud: z.union([Identifier, z.array(Identifier).min(1)]),
  exp: TokenTime,
  iat: TokenTime,
  jti: Identifier,
  client_id: Identifier,
  /** Space-separated (RFC 8693 §4.2). */
  scope: z.string(),
  /** The session, which begins with a log-in and ends with a log-out (OpenID Connect Front-Channel Logout §3). */
  sid: Identifier.optional(),
  /** When the user authenticated (OpenID Connect Core §2). */
  auth_time: TokenTime.optional(),
  act: ActorClaim.optional(),
});
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>;
