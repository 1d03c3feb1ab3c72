import { z } from 'zod';
import { NumericDate } from '../numeric-date.js';
import { ClientId } from './admin.js';

/** A UUID in any case. The auth service's own ids are in lower case. */
const Uuid = z
  .uuid()
  .transform((id) => id.toLowerCase())
  .optional();

/** The name of a user or a client, but not a token, which a short one would pass for. */
const Name = ClientId.refine((name) => !/^eyJ[\w-]*\./.test(name), 'must not be a token');

const IDS = {
  /** The token's `jti`. */
  jti: Uuid,
  /** The token's `sid`. Needs `sub` as well. */
  sid: Uuid,
  /** The token's `sub`. */
  sub: Name.transform((sub) =>
    z.guid().safeParse(sub).success ? sub.toLowerCase() : sub,
  ).optional(),
  /** The token's `client_id`; of a transaction token, the last workload of its `req_wl`. */
  client_id: Name.optional(),
  /** The token's `iat`. */
  iat: NumericDate,
  /** The `kid` of the token's header. */
  kid: z
    .string()
    .regex(/^[\w-]{1,128}$/)
    .optional(),
};

/** Runs before the members are validated, on anything that was sent. */
const hasOnlyIds = (body: object | null | undefined) =>
  Object.keys(body ?? {}).every((name) => Object.hasOwn(IDS, name));

/**
 * `POST /revocations/status`: ids out of a token, never the token. Send all that the token has; the answer is about
 * these ids only. Problems never name an unknown member, because it could be a token.
 */
export const RevocationStatusRequest = z
  .looseObject(IDS)
  .refine(hasOnlyIds, {
    error: 'must have no members but jti, sid, sub, client_id, iat and kid: never send a token',
    when: () => true,
  })
  .refine(({ jti, sid }) => jti !== undefined || sid !== undefined, 'must have a jti or a sid')
  .refine(({ sid, sub }) => sid === undefined || sub !== undefined, {
    error: 'is needed next to a sid',
    path: ['sub'],
  })
  .meta({ additionalProperties: false });
export type RevocationStatusRequest = z.infer<typeof RevocationStatusRequest>;

/** Verifiers, as they reported: at most five seconds ago, unless they are asked. */
const Verifiers = z.object({
  /** The verifiers that have reported lately. */
  known: z.number().int().nonnegative(),
  /**
   * Those that have reported this revocation as applied. For a token that is not revoked: those that have reported
   * every revocation so far.
   */
  applied: z.number().int().nonnegative(),
});

const common = {
  /** When the record was read. A token that it does not revoke is not revoked at any verifier. */
  asOf: z.iso.datetime(),
  verifiers: Verifiers,
};

/** The token was revoked, or its session has ended. */
const Revoked = z.object({
  revoked: z.literal(true),
  /** When the revocation was recorded. */
  at: z.iso.datetime(),
  /** The cause: usually a key of `REVOCATION_TRIGGERS`. */
  reason: z.string(),
  /** Who caused it. `system` is the auth service itself. */
  by: z.enum(['user', 'administrator', 'client', 'system']),
  ...common,
});

/** Nothing revokes the token. */
const NotRevoked = z.object({
  revoked: z.literal(false),
  /** When the session expired, if it has. Its last access token may still be valid. */
  sessionExpiredAt: z.iso.datetime().optional(),
  ...common,
});

/** The auth service cannot tell. */
const Unknown = z.object({
  revoked: z.null(),
  /**
   * - `token_expired`: no token with this `iat` is valid any more, and its revocation would have been forgotten
   * - `not_recorded`: nothing on record connects these ids. They may be of another issuer, of a session that was
   *   deleted, or of a client's own token, which only introspection can judge.
   */
  reason: z.enum(['token_expired', 'not_recorded']),
  ...common,
});

/** The answer of `POST /revocations/status`. */
export const RevocationStatusReply = z.discriminatedUnion('revoked', [
  Revoked,
  NotRevoked,
  Unknown,
]);
export type RevocationStatusReply = z.infer<typeof RevocationStatusReply>;
