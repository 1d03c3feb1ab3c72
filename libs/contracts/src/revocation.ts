import { z } from 'zod';
import { NumericDate } from './numeric-date.js';

/** The value of a token's `sid`, `jti`, `sub`, `client_id` or `kid`. */
export const RevocationIdentifier = z.string().min(1).max(256);

const common = {
  /** The revocation's unique id: the `jti` of its event, and part of its NATS subject. */
  id: z.uuid(),
  /** The issuer of the revoked tokens. */
  issuer: z.url(),
  /** When the revocation was decided, in seconds since 1970. */
  revokedAt: NumericDate,
  /** The same in milliseconds, if the issuer provides it. Used to measure the delay. */
  revokedAtMilliseconds: z.number().int().nonnegative().optional(),
  /**
   * The time from which the revocation may be forgotten, in seconds since 1970; not before the last matching token
   * has expired.
   */
  expiresAt: NumericDate,
  /** The cause: usually a key of {@link REVOCATION_TRIGGERS}. */
  trigger: z.string().min(1).max(64),
};

/**
 * A revocation. Which tokens it matches depends on its kind:
 *
 * - `session`: all tokens with this `sid`
 * - `token`: the token with this `jti`
 * - `subject`, `client`: all tokens with this `sub` or `client_id` and an `iat` **less than** `before`
 * - `key`: all tokens signed with this `kid`
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
/** What a revocation revokes. */
export type RevocationKind = Revocation['kind'];

/**
 * The serial number of a revocation. Each issuer numbers its revocations without gaps, so that
 * verifiers notice a missing one.
 */
export const RevocationSerial = z.number().int().positive();
