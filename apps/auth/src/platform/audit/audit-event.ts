/** The session and the user that an event is about. */
interface OfSession {
  readonly subject: string;
  readonly sessionId: string;
  /** The client that the session belongs to. */
  readonly client: string;
}

/** A user, by id. */
interface OfUser {
  readonly subject: string;
}

/** The user, if there is one. */
interface PerhapsOfUser {
  readonly subject: string | undefined;
}

/** An act of an administrator, by id. */
interface ByAdministrator {
  readonly by: string;
}

interface OfClient {
  readonly client: string;
}

/** A secret or a key, by the id of its row. */
interface OfCredential {
  readonly credentialId: string;
}

interface IssuedToClient {
  readonly client: string;
  readonly audiences: readonly string[];
  readonly scope: string;
  /** The `jti` of the token. */
  readonly tokenId: string;
}

interface RefusedToClient {
  /** Absent if the client is unknown or did not authenticate. */
  readonly client: string | undefined;
  /** The error code of the answer (RFC 6749 §5.2). */
  readonly error: string;
  /** The description in the answer. It quotes nothing of the request. */
  readonly reason: string;
}

/**
 * The fields of each event, in addition to the address of the request. No field is a token, a password, a
 * secret, or a name that someone typed, because people type passwords in place of names.
 */
export interface AuditEvents {
  login: OfSession & { readonly credential: 'tokens' | 'cookie' };
  login_failed: PerhapsOfUser & { readonly reason: 'credentials' | 'throttled' };
  refresh_token_reused: OfSession;
  logout: PerhapsOfUser & { readonly sessionId: string };
  logout_everywhere: OfUser;
  /** A client revoked a token of its own. */
  token_revoked: { readonly client: string; readonly tokenId: string };
  session_ended: OfUser & { readonly sessionId: string };
  password_changed: OfSession;
  password_change_failed: OfUser & { readonly reason: 'credentials' | 'throttled' };
  token_exchanged: IssuedToClient & OfUser & { readonly sessionId: string };
  /** Names the transaction, so that the log lines of its services can be found. */
  transaction_token_issued: IssuedToClient &
    OfUser & { readonly sessionId: string; readonly transactionId: string };
  token_exchange_refused: RefusedToClient;
  client_token_issued: IssuedToClient;
  client_token_refused: RefusedToClient;
  user_created: ByAdministrator & OfUser & { readonly roles: readonly string[] };
  user_roles_changed: ByAdministrator & OfUser & { readonly roles: readonly string[] };
  user_password_reset: ByAdministrator & OfUser;
  user_disabled: ByAdministrator & OfUser;
  user_enabled: ByAdministrator & OfUser;
  session_ended_by_admin: ByAdministrator & OfUser & { readonly sessionId: string };
  sessions_ended_by_admin: ByAdministrator & OfUser;
  client_added: ByAdministrator & OfClient;
  client_changed: ByAdministrator & OfClient;
  client_removed: ByAdministrator & OfClient;
  client_credential_added: ByAdministrator & OfClient & OfCredential;
  client_credential_removed: ByAdministrator & OfClient & OfCredential;
  client_revoked: ByAdministrator & OfClient;
  signing_key_rotated: ByAdministrator & { readonly keyId: string };
  signing_key_revoked: ByAdministrator & { readonly keyId: string };
}

/** The name of an audit event. */
export type AuditEvent = keyof AuditEvents;

/** The message of each event in the log. */
export const AUDIT_MESSAGES: Readonly<Record<AuditEvent, string>> = {
  login: 'a user logged in',
  login_failed: 'a log-in failed',
  refresh_token_reused: 'a refresh token was reused, so its session ended',
  logout: 'a user logged out',
  logout_everywhere: 'a user logged out everywhere',
  token_revoked: 'a client revoked an access token',
  session_ended: 'a user ended another session',
  password_changed: 'a user changed the password',
  password_change_failed: 'a change of a password failed',
  token_exchanged: 'a client exchanged a token',
  transaction_token_issued: 'a client got a transaction token',
  token_exchange_refused: 'a token exchange was refused',
  client_token_issued: 'a client got a token of its own',
  client_token_refused: 'a token of its own was refused to a client',
  user_created: 'an administrator created a user',
  user_roles_changed: 'an administrator changed the roles of a user',
  user_password_reset: 'an administrator reset the password of a user',
  user_disabled: 'an administrator disabled a user',
  user_enabled: 'an administrator enabled a user',
  session_ended_by_admin: 'an administrator ended a session',
  sessions_ended_by_admin: 'an administrator ended all sessions of a user',
  client_added: 'an administrator added a client',
  client_changed: 'an administrator changed what a client may do',
  client_removed: 'an administrator removed a client',
  client_credential_added: 'an administrator added a credential of a client',
  client_credential_removed: 'an administrator removed a credential of a client',
  client_revoked: 'an administrator revoked a client',
  signing_key_rotated: 'an administrator rotated the signing key',
  signing_key_revoked: 'an administrator revoked a signing key',
};

/** All events. */
export const AUDIT_EVENTS = Object.keys(AUDIT_MESSAGES) as AuditEvent[];
