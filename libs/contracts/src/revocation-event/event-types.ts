/** The `typ` header of revocation events (RFC 8417 §2.3). */
export const REVOCATION_EVENT_TYPE = 'secevent+jwt';

/** The `aud` claim of all events on the feed. It prevents confusion with access tokens. */
export const REVOCATION_EVENT_AUDIENCE = 'urn:latchkey:revocation-feed';

/** Revokes a session, a subject or a client (CAEP 1.0 §3.1). */
export const SESSION_REVOKED_EVENT =
  'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
/** Revokes a token (OAuth Event Types 1.0 §2.2). */
export const TOKEN_REVOKED_EVENT =
  'https://schemas.openid.net/secevent/oauth/event-type/token-revoked';
/** Revokes a signing key. There is no registered event type for this. */
export const SIGNING_KEY_REVOKED_EVENT = 'urn:latchkey:event-type:signing-key-revoked';
/** Carries a watermark. There is no registered event type for this. */
export const WATERMARK_EVENT = 'urn:latchkey:event-type:watermark';
