import { z } from 'zod';

const Identifier = z.string().min(1).max(256);
const NumericDate = z.number().int().nonnegative();

const common = {
  /** Unique id of this revocation; `jti` of its event and the tail of its NATS subject. */
  id: z.uuid(),
  /** The issuer whose tokens are meant. */
  issuer: z.url(),
  /** When it was decided, NumericDate in seconds. */
  revokedAt: NumericDate,
  /** Until when a token that it matches can be alive (`exp` of the last one), NumericDate in seconds. */
  expiresAt: NumericDate,
  /** What caused it: one row of {@link REVOCATION_TRIGGERS}. */
  trigger: z.string().min(1).max(64),
};

/**
 * The fact that something is no longer to be honoured.
 *
 * - `session`: every token with this `sid`
 * - `token`: the one token with this `jti`
 * - `subject`, `client`: every token of this `sub` / `client_id` with `iat` **less than** `before`
 * - `key`: every token signed with this `kid`
 */
export const Revocation = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('session'),
    sessionId: Identifier,
    subject: Identifier.optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('token'), tokenId: Identifier }),
  z.strictObject({
    ...common,
    kind: z.literal('subject'),
    subject: Identifier,
    before: NumericDate,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('client'),
    clientId: Identifier,
    before: NumericDate,
  }),
  z.strictObject({ ...common, kind: z.literal('key'), keyId: Identifier }),
]);
export type Revocation = z.infer<typeof Revocation>;
/** What a revocation names; each kind matches other tokens. */
export type RevocationKind = Revocation['kind'];

/**
 * What makes the auth service revoke, and which kind of revocation follows.
 * This one table drives both the code and the tests.
 */
export const REVOCATION_TRIGGERS = {
  logout: 'session',
  logout_everywhere: 'subject',
  session_ended: 'session',
  session_ended_by_admin: 'session',
  session_cap_reached: 'session',
  token_revoked: 'token',
  refresh_token_revoked: 'session',
  refresh_token_reused: 'session',
  password_changed: 'session',
  user_disabled: 'subject',
  client_revoked: 'client',
  signing_key_revoked: 'key',
} as const satisfies Record<string, RevocationKind>;
/** A row of {@link REVOCATION_TRIGGERS}. Other issuers may send triggers of their own. */
export type RevocationTrigger = keyof typeof REVOCATION_TRIGGERS;

/**
 * The auth service's word that every revocation committed before `time` is on the
 * stream `epoch`, at or below `position`.
 */
export const Watermark = z.strictObject({
  issuer: z.url(),
  /** Milliseconds since 1970 by the clock of the record (Postgres). */
  timeMilliseconds: z.number().int().nonnegative(),
  /** Stream sequence of the last event that it covers; 0 when there was none yet. */
  position: z.number().int().nonnegative(),
  /** Identity of one incarnation of the stream: a replaced stream gets another. */
  epoch: z.uuid(),
});
export type Watermark = z.infer<typeof Watermark>;
