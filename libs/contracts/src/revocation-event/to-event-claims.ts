import type { Revocation } from '../revocation.js';
import type { Watermark } from '../watermark.js';
import type { Event, RevocationEventClaims, SubjectIdentifier } from './event-claims.js';
import {
  REVOCATION_EVENT_AUDIENCE,
  SESSION_REVOKED_EVENT,
  SIGNING_KEY_REVOKED_EVENT,
  TOKEN_REVOKED_EVENT,
  WATERMARK_EVENT,
} from './event-types.js';

type Parts = Pick<Event, 'before'> & {
  sub_id: SubjectIdentifier;
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
 * Returns the claims of the Security Event Token for a revocation.
 *
 * @param serial the revocation's serial number, unique among all revocations of the issuer
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

/** Returns the claims of the Security Event Token for a watermark, with `id` as its `jti`. */
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
        position: watermark.sequence,
        epoch: watermark.epoch,
      },
    },
  };
}
