import { z } from 'zod';

/** `typ` header of an access token (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** Longest access token that is looked at, in bytes. */
export const MAX_TOKEN_BYTES = 8 * 1024;

const Identifier = z.string().min(1);
const NumericDate = z.number().int().positive();

/** `act` (RFC 8693 §4.1): who acts on behalf of the subject; nested for a chain. */
export interface Actor {
  sub: string;
  client_id?: string | undefined;
  act?: Actor | undefined;
}

/** The claim `act` of a token that was issued for one. */
export const ActorClaim: z.ZodType<Actor> = z
  .lazy(() =>
    z.object({
      sub: Identifier,
      client_id: Identifier.optional(),
      act: ActorClaim.optional(),
    }),
  )
  // Its name in OpenAPI documents: what refers to itself must have one.
  .meta({ id: 'Actor' });

/**
 * The claims of an access token as the auth service writes them (RFC 9068 §2.2).
 * Times are NumericDates: whole seconds since 1970 (RFC 7519 §2).
 */
export const AccessTokenClaims = z.strictObject({
  iss: z.url(),
  sub: Identifier,
  aud: z.union([Identifier, z.array(Identifier).min(1)]),
  exp: NumericDate,
  iat: NumericDate,
  jti: Identifier,
  client_id: Identifier,
  /** Space-separated (RFC 8693 §4.2). */
  scope: z.string(),
  /** The session that a log-out ends (OpenID Connect Front-Channel Logout §3). */
  sid: Identifier.optional(),
  /** When the user authenticated (OpenID Connect Core §2). */
  auth_time: NumericDate.optional(),
  act: ActorClaim.optional(),
});
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>;
