import { z } from 'zod';
import {
  RevocationIdentifier as Identifier,
  RevocationSerial,
  Watermark,
  type Revocation,
} from '../revocation.js';
import { WireVersion } from '../wire-version.js';

/** `typ` header of a revocation event (RFC 8417 §2.3). */
export const REVOCATION_EVENT_TYPE = 'secevent+jwt';

/** `aud` of every event on the feed: an access token can never be mistaken for one. */
export const REVOCATION_EVENT_AUDIENCE = 'urn:latchkey:revocation-feed';

/** CAEP 1.0 §3.1. Carries `session`, `subject` and `client` revocations. */
export const SESSION_REVOKED_EVENT =
  'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
/** OAuth event types 1.0 §2.2: one token is revoked. */
export const TOKEN_REVOKED_EVENT =
  'https://schemas.openid.net/secevent/oauth/event-type/token-revoked';
/** No registered type exists for a revoked signing key. */
export const SIGNING_KEY_REVOKED_EVENT = 'urn:latchkey:event-type:signing-key-revoked';
/** No registered type exists for a watermark. */
export const WATERMARK_EVENT = 'urn:latchkey:event-type:watermark';

const NumericDate = z.number().int().nonnegative();

// What says who is revoked, or which numbers there are, is closed (`strictObject`): an unknown member
// could narrow or widen it. Everything else is open, and grows by members that an older reader ignores.
// See ADR 0029 before adding one.

const Opaque = z.strictObject({ format: z.literal('opaque'), id: Identifier });
/** Whose `iss` it is follows from the envelope: another's is refused below. */
const IssSub = z.strictObject({ format: z.literal('iss_sub'), iss: z.string(), sub: Identifier });
/** RFC 9493 §3.2.3 and §3.2.4; `complex` and `jwt_id` are OpenID SSF 1.0 §3.3 and §3.4. */
const SubjectIdentifier = z.discriminatedUnion('format', [
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

const Event = z.object({
  /** CAEP 1.0 §2: when it happened, NumericDate in seconds. */
  event_timestamp: NumericDate,
  /** The same in milliseconds since 1970. */
  time_ms: NumericDate.optional(),
  /** Its number among the revocations of this issuer. */
  serial: RevocationSerial,
  reason_admin: z.object({ en: z.string().min(1).max(64) }),
  /** Tokens with `iat` less than this are meant; NumericDate in seconds. */
  before: NumericDate.optional(),
  /** Until when a matching token can live; NumericDate in seconds. */
  expires_at: NumericDate,
});
const WatermarkEvent = z.object({
  time_ms: NumericDate,
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
  // An access token has these two and an event never: neither may pass for the other.
  sub: z.never().exactOptional(),
  exp: z.never().exactOptional(),
};
const RevocationClaims = z.object({
  ...envelope,
  sub_id: SubjectIdentifier,
  events: z
    .strictObject({
      [SESSION_REVOKED_EVENT]: Event.optional(),
      [TOKEN_REVOKED_EVENT]: Event.optional(),
      [SIGNING_KEY_REVOKED_EVENT]: Event.optional(),
    })
    .refine((events) => Object.keys(events).length === 1, 'must be one event'),
});
const WatermarkClaims = z.object({
  ...envelope,
  events: z.strictObject({ [WATERMARK_EVENT]: WatermarkEvent }),
});
/** Claims of a Security Event Token on the feed (RFC 8417 §2.2). */
export const RevocationEventClaims = z.union([RevocationClaims, WatermarkClaims]);
export type RevocationEventClaims = z.infer<typeof RevocationEventClaims>;

/** What one message on the feed says. */
export type FeedMessage =
  | { type: 'revocation'; revocation: Revocation; serial: number }
  | { type: 'watermark'; watermark: Watermark };

type Parts = Pick<z.infer<typeof Event>, 'before'> & {
  sub_id: z.infer<typeof SubjectIdentifier>;
  type:
    typeof SESSION_REVOKED_EVENT | typeof TOKEN_REVOKED_EVENT | typeof SIGNING_KEY_REVOKED_EVENT;
};

function partsOf(revocation: Revocation): Parts {
  const { issuer: iss } = revocation;
  switch (revocation.kind) {
    case 'session': {
      const user = revocation.subject && {
        user: { format: 'iss_sub' as const, iss, sub: revocation.subject },
      };
      const session = { format: 'opaque' as const, id: revocation.sessionId };
      return { type: SESSION_REVOKED_EVENT, sub_id: { format: 'complex', session, ...user } };
    }
    case 'token':
      return {
        type: TOKEN_REVOKED_EVENT,
        sub_id: { format: 'jwt_id', iss, jti: revocation.tokenId },
      };
    case 'subject':
      return {
        type: SESSION_REVOKED_EVENT,
        sub_id: { format: 'iss_sub', iss, sub: revocation.subject },
        before: revocation.before,
      };
    case 'client': {
      const application = { format: 'opaque' as const, id: revocation.clientId };
      return {
        type: SESSION_REVOKED_EVENT,
        sub_id: { format: 'complex', application },
        before: revocation.before,
      };
    }
    case 'key':
      return {
        type: SIGNING_KEY_REVOKED_EVENT,
        sub_id: { format: 'opaque', id: revocation.keyId },
      };
  }
}

/**
 * The claims of the Security Event Token that carries a revocation.
 *
 * @param serial its number: no other revocation of this issuer has it, ever
 */
export function revocationToEventClaims(
  revocation: Revocation,
  serial: number,
): RevocationEventClaims {
  const { type, sub_id, before } = partsOf(revocation);
  const { revokedAtMilliseconds } = revocation;
  const event = {
    event_timestamp: revocation.revokedAt,
    ...(revokedAtMilliseconds !== undefined && { time_ms: revokedAtMilliseconds }),
    serial,
    reason_admin: { en: revocation.trigger },
    ...(before !== undefined && { before }),
    expires_at: revocation.expiresAt,
  };
  return {
    iss: revocation.issuer,
    iat: revocation.revokedAt,
    jti: revocation.id,
    aud: REVOCATION_EVENT_AUDIENCE,
    sub_id,
    events: { [type]: event },
  };
}

/** The claims of the Security Event Token that carries a watermark; `id` is its `jti`. */
export function watermarkToEventClaims(watermark: Watermark, id: string): RevocationEventClaims {
  return {
    iss: watermark.issuer,
    iat: watermark.issuedAt,
    jti: id,
    aud: REVOCATION_EVENT_AUDIENCE,
    events: {
      [WATERMARK_EVENT]: {
        time_ms: watermark.timeMilliseconds,
        serials: watermark.serials,
        revoked_keys: watermark.revokedKeys.map(({ keyId, expiresAt }) => ({
          kid: keyId,
          expires_at: expiresAt,
        })),
        position: watermark.position,
        epoch: watermark.epoch,
      },
    },
  };
}

type SubjectId = z.infer<typeof SubjectIdentifier>;
type Event = z.infer<typeof Event>;

/** What is revoked, as a revocation names it; undefined for what no revocation means. */
type Target =
  | { kind: 'session'; sessionId: string; subject?: string }
  | { kind: 'token'; tokenId: string }
  | { kind: 'subject'; subject: string; before: number }
  | { kind: 'client'; clientId: string; before: number }
  | { kind: 'key'; keyId: string };

type Complex = Extract<SubjectId, { format: 'complex' }>;

function sessionRevokedTarget(id: SubjectId, { before }: Event): Target | undefined {
  if (id.format === 'complex') return before === undefined ? oneSession(id) : client(id, before);
  if (id.format !== 'iss_sub' || before === undefined) return undefined;
  return { kind: 'subject', subject: id.sub, before };
}

function oneSession({ session, user, application }: Complex): Target | undefined {
  if (!session || application) return undefined;
  return { kind: 'session', sessionId: session.id, ...(user && { subject: user.sub }) };
}

/** Were a user of it read as the client alone, everybody's tokens would be revoked instead of one's. */
function client({ session, user, application }: Complex, before: number): Target | undefined {
  if (!application || session || user) return undefined;
  return { kind: 'client', clientId: application.id, before };
}

function targetOf(type: string, id: SubjectId, event: Event): Target | undefined {
  if (type === SESSION_REVOKED_EVENT) return sessionRevokedTarget(id, event);
  if (event.before !== undefined) return undefined;
  if (type === TOKEN_REVOKED_EVENT)
    return id.format === 'jwt_id' ? { kind: 'token', tokenId: id.jti } : undefined;
  return id.format === 'opaque' ? { kind: 'key', keyId: id.id } : undefined;
}

/** An issuer speaks for its own tokens only. */
function namesAnotherIssuer(id: SubjectId, issuer: string): boolean {
  if ('iss' in id) return id.iss !== issuer;
  return id.format === 'complex' && id.user !== undefined && id.user.iss !== issuer;
}

const isAboutASubject = (claims: unknown) =>
  typeof claims === 'object' && claims !== null && 'sub_id' in claims;

/**
 * Reads the claims of a *verified* Security Event Token.
 *
 * @throws z.ZodError when they are not those of a feed message
 */
export function eventClaimsToMessage(input: unknown): FeedMessage {
  if (!isAboutASubject(input)) return readWatermark(WatermarkClaims.parse(input));
  const { iss, jti, sub_id, events } = RevocationClaims.parse(input);
  const [type, event] = Object.entries<Event | undefined>(events)[0]!;
  const target = event && !namesAnotherIssuer(sub_id, iss) && targetOf(type, sub_id, event);
  if (!event || !target)
    throw new z.ZodError([
      { code: 'custom', path: ['sub_id'], message: 'does not fit the event', input: sub_id },
    ]);
  const { event_timestamp, time_ms, serial, expires_at, reason_admin } = event;
  const revocation: Revocation = {
    ...target,
    id: jti,
    issuer: iss,
    revokedAt: event_timestamp,
    ...(time_ms !== undefined && { revokedAtMilliseconds: time_ms }),
    expiresAt: expires_at,
    trigger: reason_admin.en,
  };
  return { type: 'revocation', revocation, serial };
}

function readWatermark({ iss, iat, events }: z.infer<typeof WatermarkClaims>): FeedMessage {
  const { time_ms, revoked_keys, ...same } = events[WATERMARK_EVENT];
  const revokedKeys = revoked_keys.map((key) => ({ keyId: key.kid, expiresAt: key.expires_at }));
  const times = { timeMilliseconds: time_ms, issuedAt: iat };
  return { type: 'watermark', watermark: { issuer: iss, ...times, revokedKeys, ...same } };
}
