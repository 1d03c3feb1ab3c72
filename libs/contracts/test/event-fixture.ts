import { randomUUID } from 'node:crypto';
import { REVOCATION_EVENT_AUDIENCE } from '../src/index.js';

export const ISSUER = 'https://issuer.test';
export const START = 1_800_000_000;

/** Serializes and parses, as on the wire. */
export const wire = (claims: unknown): unknown => JSON.parse(JSON.stringify(claims));

export const event = (more: object = {}) => ({
  event_timestamp: START,
  reason_admin: { en: 'logout' },
  serial: 1,
  expires_at: START + 300,
  ...more,
});
export const claims = (type: string, subjectId: object, more: object = {}) => ({
  iss: ISSUER,
  iat: START,
  jti: randomUUID(),
  aud: REVOCATION_EVENT_AUDIENCE,
  sub_id: subjectId,
  events: { [type]: event(more) },
});
export const opaque = (id: string) => ({ format: 'opaque', id });
export const ada = (iss = ISSUER) => ({ format: 'iss_sub', iss, sub: 'ada' });
