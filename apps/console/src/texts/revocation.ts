/** What happened, for a sentence that begins with “Yes” and ends with a time. A test compares the names with auth's. */
const reasons: Readonly<Record<string, string>> = {
  logout: 'its user logged out',
  logout_everywhere: 'its user logged out everywhere',
  session_ended: 'its session was ended by its user',
  session_ended_by_admin: 'its session was ended by an administrator',
  sessions_ended_by_admin: 'all sessions of its user were ended by an administrator',
  session_cap_reached: 'its user began one session too many, and this was the oldest',
  token_revoked: 'its client revoked it',
  parent_token_revoked: 'the token that it was exchanged for was revoked',
  refresh_token_revoked: 'its client revoked the refresh token of its session',
  refresh_token_reused: 'a refresh token of its session was used twice, as a thief would',
  password_changed: 'its user changed the password',
  password_reset: 'an administrator set a new password for its user',
  role_removed: 'an administrator took a role from its user',
  user_disabled: 'an administrator disabled its user',
  client_revoked: 'an administrator revoked its client',
  signing_key_revoked: 'an administrator revoked the key that signed it',
};

export const revocation = {
  reasons,
  label: 'Revoked?',
  separator: ': ',
  no: 'No',
  yes: 'Yes',
  unknown: 'Cannot be known',
  asOf: (age: string) => `as of ${age}`,
  secondsAgo: (seconds: string) => `${seconds} s ago`,
  verifiers: (applied: number, known: number) =>
    `${applied} of ${known} ${known === 1 ? 'verifier has' : 'verifiers have'} applied it`,
  noVerifiers: 'no verifier has reported lately',
  allVerifiers: (known: number) =>
    known === 1 ? 'the one verifier is up to date' : `all ${known} verifiers are up to date`,
  someVerifiers: (applied: number, known: number) =>
    `${applied} of ${known} verifiers are up to date`,
  at: (reason: string, time: string) => `${reason}, at ${time}`,
  because: (reason: string) =>
    Object.hasOwn(reasons, reason) ? (reasons[reason] ?? reason) : reason,
  foreign: 'this issuer tells nobody. A verifier of its own could have been told.',
  unreadable: 'its claims cannot be read.',
  nameless: 'it names no issuer.',
  unproven:
    'not asked yet. Only ids of tokens that this system has signed are sent, so choose its keys.',
  without_ids: 'the token has no id to look up.',
  asking: 'Asking this system …',
  failed: (message: string) => `this system could not be asked: ${message}`,
  token_expired: 'the token has expired long ago, and its revocation would have been forgotten.',
  not_recorded:
    'this system has no session on record for it. A client’s own token can be introspected by the client.',
} as const;
