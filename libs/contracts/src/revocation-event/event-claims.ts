import { z } from 'zod';
import { NumericDate } from '../numeric-date.js';
import { RevocationIdentifier as Identifier, RevocationSerial } from '../revocation.js';
import { Watermark } from '../watermark.js';
import { WireVersion } from '../wire-version.js';
import {
  REVOCATION_EVENT_AUDIENCE,
  SESSION_REVOKED_EVENT,
  SIGNING_KEY_REVOKED_EVENT,
  TOKEN_REVOKED_EVENT,
  WATERMARK_EVENT,
} from './event-types.js';

const Milliseconds = z.number().int().nonnegative();

// The objects that say what is revoked, or which serial numbers exist, are strict: an unknown member
// could narrow or widen their meaning. All others are open, so that new members do not break older
// readers. See ADR 0029 before adding one.

const Opaque = z.strictObject({ format: z.literal('opaque'), id: Identifier });
const IssSub = z.strictObject({ format: z.literal('iss_sub'), iss: z.string(), sub: Identifier });
/** A subject identifier (RFC 9493 §3.2.3 and §3.2.4, OpenID SSF 1.0 §3.3 and §3.4). */
export const SubjectIdentifier = z.discriminatedUnion('format', [
  IssSub,
  z.strictObject({
    format: z.literal('complex'),
    session: Opaque.optional(),
    user: IssSub.optional(),
    application: Opaque.optional(),
  }),
  z.strictObject({ format: z.literal('jwt_id'), iss: z.string(), jti: Identifier }),
  Opaque,
]);

/** The details of a revocation in an event. The subject identifier is a claim of its own. */
export const Event = z.object({
  /** When the event happened (CAEP 1.0 §2), in seconds since 1970. */
  event_timestamp: NumericDate,
  /** The same in milliseconds. */
  time_ms: Milliseconds.optional(),
  /** The revocation's serial number. */
  serial: RevocationSerial,
  reason_admin: z.object({ en: z.string().min(1).max(64) }),
  /** Revokes only tokens with an `iat` less than this, in seconds since 1970. */
  before: NumericDate.optional(),
  /**
   * The time from which the revocation may be forgotten, in seconds since 1970; not before the last matching token
   * has expired.
   */
  expires_at: NumericDate,
});
const WatermarkEvent = z.object({
  time_ms: Milliseconds,
  serials: Watermark.shape.serials,
  revoked_keys: z.array(z.strictObject({ kid: Identifier, expires_at: NumericDate })),
  position: z.number().int().nonnegative(),
  epoch: z.uuid(),
});

const envelope = {
  version: WireVersion,
  iss: z.url(),
  iat: NumericDate,
  jti: z.uuid(),
  aud: z.literal(REVOCATION_EVENT_AUDIENCE),
  // Access tokens have these claims and events do not, so that neither can pass for the other.
  sub: z.never().exactOptional(),
  exp: z.never().exactOptional(),
};
/** The claims of an event that revokes something. */
export const RevocationClaims = z.object({
  ...envelope,
  sub_id: SubjectIdentifier,
  events: z
    .strictObject({
      [SESSION_REVOKED_EVENT]: Event.optional(),
      [TOKEN_REVOKED_EVENT]: Event.optional(),
      [SIGNING_KEY_REVOKED_EVENT]: Event.optional(),
    })
    .refine((events) => Object.keys(events).length === 1, 'must contain exactly one event'),
});
/** The claims of an event that carries a watermark. */
export const WatermarkClaims = z.object({
  ...envelope,
  events: z.strictObject({ [WATERMARK_EVENT]: WatermarkEvent }),
});
/** The claims of a Security Event Token on the feed (RFC 8417 §2.2). */
export const RevocationEventClaims = z.union([RevocationClaims, WatermarkClaims]);
export type RevocationEventClaims = z.infer<typeof RevocationEventClaims>;
export type SubjectIdentifier = z.infer<typeof SubjectIdentifier>;
export type Event = z.infer<typeof Event>;
