import { z } from 'zod';
import type { Revocation } from '../revocation.js';
import type { Watermark } from '../watermark.js';
import {
  RevocationClaims,
  WatermarkClaims,
  type Event,
  type SubjectIdentifier,
} from './event-claims.js';
import { SESSION_REVOKED_EVENT, TOKEN_REVOKED_EVENT, WATERMARK_EVENT } from './event-types.js';

/** A message on the feed. */
export type FeedMessage =
  | { type: 'revocation'; revocation: Revocation; serial: number }
  | { type: 'watermark'; watermark: Watermark };

/** The part of a {@link Revocation} that says what is revoked. */
type Target =
  | { kind: 'session'; sessionId: string; subject?: string }
  | { kind: 'token'; tokenId: string }
  | { kind: 'subject'; subject: string; before: number }
  | { kind: 'client'; clientId: string; before: number }
  | { kind: 'key'; keyId: string };

type Complex = Extract<SubjectIdentifier, { format: 'complex' }>;

function sessionRevokedTarget(id: SubjectIdentifier, { before }: Event): Target | undefined {
  if (id.format === 'complex') return before === undefined ? oneSession(id) : client(id, before);
  if (id.format !== 'iss_sub' || before === undefined) return undefined;
  return { kind: 'subject', subject: id.sub, before };
}

function oneSession({ session, user, application }: Complex): Target | undefined {
  if (!session || application) return undefined;
  return { kind: 'session', sessionId: session.id, ...(user && { subject: user.sub }) };
}

/** Rejects a user in addition to the client: ignoring it would revoke the tokens of all users. */
function client({ session, user, application }: Complex, before: number): Target | undefined {
  if (!application || session || user) return undefined;
  return { kind: 'client', clientId: application.id, before };
}

function targetOf(type: string, id: SubjectIdentifier, event: Event): Target | undefined {
  if (type === SESSION_REVOKED_EVENT) return sessionRevokedTarget(id, event);
  if (event.before !== undefined) return undefined;
  if (type === TOKEN_REVOKED_EVENT)
    return id.format === 'jwt_id' ? { kind: 'token', tokenId: id.jti } : undefined;
  return id.format === 'opaque' ? { kind: 'key', keyId: id.id } : undefined;
}

/** An issuer may revoke only its own tokens. */
function namesAnotherIssuer(id: SubjectIdentifier, issuer: string): boolean {
  if ('iss' in id) return id.iss !== issuer;
  return id.format === 'complex' && id.user !== undefined && id.user.iss !== issuer;
}

const hasSubjectIdentifier = (claims: unknown) =>
  typeof claims === 'object' && claims !== null && 'sub_id' in claims;

/**
 * Reads the claims of a *verified* Security Event Token.
 *
 * @throws z.ZodError if they are not valid claims of a feed message
 */
export function eventClaimsToMessage(input: unknown): FeedMessage {
  if (!hasSubjectIdentifier(input)) return readWatermark(WatermarkClaims.parse(input));
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
  const { time_ms, revoked_keys, position: sequence, ...same } = events[WATERMARK_EVENT];
  const revokedKeys = revoked_keys.map((key) => ({ keyId: key.kid, expiresAt: key.expires_at }));
  const times = { timeMilliseconds: time_ms, issuedAt: iat };
  return {
    type: 'watermark',
    watermark: { issuer: iss, ...times, revokedKeys, sequence, ...same },
  };
}
