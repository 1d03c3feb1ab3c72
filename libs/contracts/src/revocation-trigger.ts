import type { RevocationKind } from './revocation.js';

/** The causes of a revocation in the auth service, and the kind of revocation that each one creates. */
export const REVOCATION_TRIGGERS = {
  logout: 'session',
  logout_everywhere: 'subject',
  session_ended: 'session',
  session_ended_by_admin: 'session',
  sessions_ended_by_admin: 'subject',
  session_cap_reached: 'session',
  token_revoked: 'token',
  parent_token_revoked: 'token',
  refresh_token_revoked: 'session',
  refresh_token_reused: 'session',
  password_changed: 'session',
  password_reset: 'subject',
  role_removed: 'subject',
  user_disabled: 'subject',
  client_revoked: 'client',
  signing_key_revoked: 'key',
} as const satisfies Record<string, RevocationKind>;
/** A cause of a revocation. Other issuers may use triggers of their own. */
export type RevocationTrigger = keyof typeof REVOCATION_TRIGGERS;

/** Who causes a revocation. `system` is the auth service itself. */
export type RevocationAuthor = 'user' | 'administrator' | 'client' | 'system';

/** Who causes a revocation with each trigger. */
export const REVOCATION_AUTHORS = {
  logout: 'user',
  logout_everywhere: 'user',
  session_ended: 'user',
  session_ended_by_admin: 'administrator',
  sessions_ended_by_admin: 'administrator',
  session_cap_reached: 'system',
  token_revoked: 'client',
  parent_token_revoked: 'system',
  refresh_token_revoked: 'client',
  refresh_token_reused: 'system',
  password_changed: 'user',
  password_reset: 'administrator',
  role_removed: 'administrator',
  user_disabled: 'administrator',
  client_revoked: 'administrator',
  signing_key_revoked: 'administrator',
} as const satisfies Record<RevocationTrigger, RevocationAuthor>;
