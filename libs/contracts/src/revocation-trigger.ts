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
