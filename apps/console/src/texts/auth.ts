/** The texts of what the account and the administration share: logging in, and what auth answers. */
export const auth = {
  nowhere: {
    title: 'No auth service here',
    text: 'This console is served by something else, so there are no accounts to see. Auth serves a console of its own, below its address.',
  },
  elsewhere: {
    title: 'Auth is at another address',
    text: (issuer: string) =>
      `Browsers keep a log-in for one address only, and auth’s is ${issuer}. Open the console there.`,
    open: 'Open the console of auth',
  },
  waiting: {
    title: 'Auth cannot be reached',
    text: 'Whether you are logged in is not known yet. This page keeps trying.',
  },
  logIn: {
    title: 'Log in',
    register: 'Create an account',
    username: 'User name',
    usernameHint: '3 to 254 letters, digits and . _ @ + -',
    password: 'Password',
    newPasswordHint: 'At least 8 characters. Longer is better than odd.',
    submit: 'Log in',
    submitRegistration: 'Create the account and log in',
    toRegister: 'No account yet? Create one',
    toLogIn: 'You have an account? Log in',
    kept: 'The log-in is kept in a cookie that scripts cannot read, and holds for all tabs.',
    show: 'Show or hide the password',
  },
  errors: {
    'invalid-credentials': 'The name or the password is wrong, or the account is disabled.',
    taken: 'Somebody has this name already, with another password. Choose another name.',
    'logged-out': 'Your session has ended. Log in again.',
    'user-changed': 'Somebody else has logged in meanwhile, so that nothing was sent.',
    unreachable: 'Auth cannot be reached.',
    unknownEffect:
      'Auth cannot be reached. Whether it has done this is not known: look at the list before you try again.',
    unexpected: (status: number) =>
      `Auth answered in a way that this page does not know (${status}).`,
    noRegistration: 'Auth offers no registration here.',
    late: 'Auth did not answer in time.',
    wait: (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    reference: (id: string) => `Reference for the logs: ${id}`,
  },
  /** What a problem means here, by its code. The titles of auth’s answers are sentences for developers. */
  problems: {
    invalid_token: 'Your session has ended. Log in again.',
    missing_token: 'Your session has ended. Log in again.',
    insufficient_scope:
      'This needs the scope auth:admin, which your token lacks. A new role takes effect when you log in again.',
    wrong_password: 'The current password is wrong.',
    common_password: 'Many people use this password, so it would be guessed.',
    too_many_attempts: 'Too many attempts.',
    too_many_registrations: 'Too many accounts were created from your network.',
    username_taken: 'A user has this name already.',
    user_not_found: 'There is no such user any more.',
    session_not_found: 'This session is over already.',
    client_not_found: 'There is no such client any more.',
    credential_not_found: 'This credential is removed already.',
    last_administrator:
      'This is the only administrator who can log in, and nobody could undo it. Make another user an administrator first.',
    client_is_configured:
      'This client is in auth’s configuration (OAUTH_CLIENTS): change it there.',
    next_key_too_new: 'Some services may not know the next key yet.',
    signing_key_not_found: 'No published key has this id any more.',
    cross_origin: 'Auth refuses this page, because it is not of auth’s own address.',
  },
  published: 'It was published to every service.',
  recorded: (seconds: number) =>
    `It is recorded, but not published yet, because auth cannot reach NATS. Services may accept access tokens for up to ${seconds} s.`,
  list: {
    loading: 'Loading …',
    failed: 'This list could not be loaded.',
    retry: 'Try again',
  },
  confirm: { cancel: 'Cancel', close: 'Close this dialog' },
  device: {
    unknown: 'Unknown device',
    on: (browser: string, system: string) => `${browser} on ${system}`,
  },
  age: { now: 'less than a minute ago' },
} as const;
