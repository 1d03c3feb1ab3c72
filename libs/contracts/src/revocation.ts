import { z } from 'zod';

/** A name that a token carries: of a session, a token, a subject, a client or a key. */
export const RevocationIdentifier = z.string().min(1).max(256);
const NumericDate = z.number().int().nonnegative();

const common = {
  /** Unique id of this revocation; `jti` of its event and the tail of its NATS subject. */
  id: z.uuid(),
  /** The issuer whose tokens are meant. */
  issuer: z.url(),
  /** When it was decided, NumericDate in seconds. */
  revokedAt: NumericDate,
  /** The same to the millisecond, where the issuer says so: what a revocation's lag counts from. */
  revokedAtMilliseconds: NumericDate.optional(),
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
    sessionId: RevocationIdentifier,
    subject: RevocationIdentifier.optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('token'), tokenId: RevocationIdentifier }),
  z.strictObject({
    ...common,
    kind: z.literal('subject'),
    subject: RevocationIdentifier,
    before: NumericDate,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('client'),
    clientId: RevocationIdentifier,
    before: NumericDate,
  }),
  z.strictObject({ ...common, kind: z.literal('key'), keyId: RevocationIdentifier }),
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
  parent_token_revoked: 'token',
  refresh_token_revoked: 'session',
  refresh_token_reused: 'session',
  password_changed: 'session',
  user_disabled: 'subject',
  client_revoked: 'client',
  signing_key_revoked: 'key',
} as const satisfies Record<string, RevocationKind>;
/** A row of {@link REVOCATION_TRIGGERS}. Other issuers may send triggers of their own. */
export type RevocationTrigger = keyof typeof REVOCATION_TRIGGERS;

/** Counts the revocations of one issuer, without a hole: what is missing shows. */
export const RevocationSerial = z.number().int().positive();

/**
 * The auth service's word that it has numbered every revocation that was committed before `time`
 * and put each on the stream. Whoever has all of `serials` has everything that can still matter.
 */
export const Watermark = z.strictObject({
  issuer: z.url(),
  /** Milliseconds since 1970 by the clock of the auth service. */
  timeMilliseconds: z.number().int().nonnegative(),
  /**
   * When it was signed, by the same clock: NumericDate in seconds. The time above lies before that while
   * revocations wait to be published, so that this one tells how two clocks compare.
   */
  issuedAt: NumericDate,
  /** Both ends included; `through` is `from` − 1 where nothing is revoked. */
  serials: z
    .strictObject({ from: RevocationSerial, through: z.number().int().nonnegative() })
    .refine(({ from, through }) => through >= from - 1, 'ends before it begins'),
  /** Signing keys that are revoked, for as long as a verifier that was cut off may trust one. */
  revokedKeys: z.array(z.strictObject({ keyId: RevocationIdentifier, expiresAt: NumericDate })),
  /** Stream sequence of the last event that it covers; 0 when there was none yet. */
  position: z.number().int().nonnegative(),
  /** Identity of one incarnation of the stream: a replaced stream gets another. */
  epoch: z.uuid(),
});
export type Watermark = z.infer<typeof Watermark>;
