const LOG_IN = 'latchkey login';

/** What to do about a problem of auth, by its code, where its own detail does not say. */
export const HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    missing_token: LOG_IN,
    invalid_token: LOG_IN,
    insufficient_scope: 'log in as a user with the role admin: latchkey login',
    too_many_attempts: 'wait, then try again',
    user_not_found: 'latchkey user list',
    last_administrator: 'latchkey user scopes NAME --role admin, for another user',
    username_taken: 'latchkey user list',
    client_not_found: 'latchkey client list',
    credential_not_found: 'latchkey client show ID',
    too_many_credentials: 'finish the last rotation first: latchkey client rotate ID --finish',
    session_not_found: 'latchkey sessions list USERNAME',
    signing_key_not_found: 'latchkey keys list',
  }),
);
