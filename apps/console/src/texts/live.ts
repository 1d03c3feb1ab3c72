const name = (username: string) => username.charAt(0).toUpperCase() + username.slice(1);
/** Digits that say something: one decimal below ten, none above a hundred. */
const ms = (milliseconds: number) =>
  `${Math.abs(milliseconds).toFixed(Math.abs(milliseconds) < 100 ? 1 : 0)} ms`;
/** `3.1 ms after auth’s answer` */
const relative = (milliseconds: number) =>
  milliseconds < 0
    ? `${ms(milliseconds)} before auth’s answer`
    : `${ms(milliseconds)} after auth’s answer`;

export const live = {
  title: 'Watch a log-out travel',
  lede: (username: string) =>
    `Log in as ${name(username)} and press “Log out”: within milliseconds, every service rejects the token that it has just accepted.`,
  ledeWithout:
    'Log in and press “Log out”: within milliseconds, every service rejects the token that it has just accepted.',

  setup: {
    title: 'There is nothing to watch yet',
    local:
      'On your own machine, run this in a clone of the project, and open the first address that it prints. If it runs already, that address is needed as well, because it holds a key:',
    command: 'npm start',
    deployed:
      'In a deployment, set LIVE_EVENTS=true for auth and for each service, and let CORS_ORIGINS of the services list the address of this page. Then add the services here.',
    onlyAuth: 'This page knows only auth. Add the services that you want to watch.',
    add: 'Add a service',
    address: 'Address of one of its protected routes',
    example: 'https://orders.example.com/orders',
    invalid: 'Enter an address that begins with http:// or https://',
    known: 'This service is on the page already',
  },
  control: {
    wrong_key:
      'npm start was started again since this page was opened. Open the address that it prints now.',
    unreachable:
      'npm start does not answer. It may have ended; its figures below are the last ones.',
    refused:
      'The control server in this link was refused, and nothing was sent to it: its address must be http://127.0.0.1:… or http://localhost:…, with a key, and this page must be on the same machine. Open the address that npm start prints.',
    loading: 'Asking npm start for the parts of the system …',
  },
  failure: {
    unreachable: (what: string, server: string) => `${what}: ${server} does not answer.`,
    unknownEffect: 'Whether it was done is not known.',
    refused: (what: string, status: number, reason: string) =>
      `${what}: ${reason === '' ? 'the answer was' : `${reason} –`} ${status}`,
    logIn: (username: string) => `${name(username)} could not be logged in`,
    logOut: (username: string) => `${name(username)} could not be logged out`,
    refresh: 'The token could not be refreshed',
    rotate: 'The key could not be rotated',
    disable: (username: string) => `${name(username)} could not be disabled`,
    enable: (username: string) => `${name(username)} could not be enabled`,
    order: 'The order could not be placed',
    break: (part: string) => `${part} could not be broken`,
    heal: (part: string) => `${part} could not be repaired`,
    mayBeDisabled: (username: string) => `${name(username)} may be disabled from an earlier try.`,
  },

  session: {
    title: 'The user',
    step: 'Log in',
    steps: [
      'Log in: auth issues a token. Each replica on this page accepts it by itself, without asking auth.',
      'Log out: auth ends the session, and tells every replica.',
      'See how many milliseconds it took until each replica knew.',
    ],
    hint: 'These accounts exist only on this machine.',
    as: (username: string) => `Log in as ${name(username)}`,
    again: (username: string) => `Log in as ${name(username)} again`,
    other: 'Log in',
    username: 'User name',
    password: 'Password',
    isIn: (username: string) => `${name(username)} is logged in`,
    isOut: (username: string) => `${name(username)} is logged out`,
    token: {
      title: 'Access token',
      what: 'A signed statement about the user. Each service verifies it by itself, with auth’s public key.',
      facts: (bytes: number, scopes: number) =>
        `${bytes} bytes, ${scopes} scopes, in the memory of this page`,
      audience: 'for',
      key: 'signed by key',
      expires: (time: string) => `expires in ${time}`,
      expired: 'expired',
      copy: 'Copy the token',
      copied: 'Copied: paste it into the decoder',
      count: (count: number) => `${ordinal(count)} token of this session`,
      ended: 'Ended by the log-out, which services that are cut off do not know yet.',
      rejected: 'Rejected everywhere, although its signature is still good.',
    },
    cookie: {
      title: 'Session cookie',
      what: 'A random id that scripts cannot read. Each service looks it up in the session store, every time.',
      facts: 'Of the same session: one log-out ends both.',
      none: 'This system has no session cookies.',
      ended: 'Deleted by the same log-out.',
    },
  },

  actions: {
    title: 'What happens next',
    logOut: 'Log out',
    everywhere: 'Log out everywhere',
    refresh: 'Refresh',
    order: 'Place an order',
    rotate: 'Rotate the key',
    disable: (username: string) => `Disable ${name(username)}`,
    enable: (username: string) => `Enable ${name(username)}`,
    refreshed: 'Auth has issued another token. The previous one stays valid until it expires.',
    rotated: (keyId: string) =>
      `The key ${short(keyId)} signs from now on. Tokens of the previous key stay valid: every service knows both.`,
    waitingForKey: (seconds: number) =>
      `The next key must be published for a while before it signs, so that every service knows it: ${seconds} s to go.`,
    enabled: (username: string) => `${name(username)} may log in again.`,
  },

  result: {
    label: 'What happened',
    before: 'After a log-in, this line says what happens.',
    loggedIn: (username: string, accepting: number, all: number) =>
      `${name(username)} is logged in. ${acceptance(accepting, all)}Now press “Log out”.`,
    pending: 'Auth has been asked to end the session …',
    unpublished: (what: string) =>
      `Auth has recorded the log-out, but cannot publish it yet: NATS is down.${what && ` ${what}.`}`,
    publishedLater: (username: string, all: number) =>
      `Auth has published the log-out by now: ${all === 1 ? 'the replica rejects' : `all ${all} replicas reject`} ${name(username)}’s token.`,
    waiting: (arrived: number, all: number) =>
      all === 1
        ? 'The replica has not rejected the old token yet.'
        : `${arrived} of ${all} replicas have rejected the old token so far.`,
    notSeen:
      'Every replica has rejected the old token. When each of them learned of it was not seen, because its events were lost.',
    arrived: (username: string, denied: string, last: string, milliseconds: number, all: number) =>
      `${arrival(last, milliseconds, all)} ${all === 1 ? 'It' : 'Each of them'} now rejects ${name(username)}’s token, and asks nobody: the signature is still good, but ${all === 1 ? 'it' : 'each replica'} has ${denied} on its own deny-list.`,
    /** What is on the deny-lists. */
    denied: {
      log_out: 'the session',
      log_out_everywhere: 'the user, with all tokens issued until then,',
      disabled: 'the user, with all tokens issued until then,',
    },
    late: (what: string) => `Not every replica has rejected the old token. ${what}.`,
    accepting: (names: string) =>
      `${names}: still accepting it, because it cannot be checked there`,
    unavailable: (names: string, status: number) => `${names}: no judgement, but ${status}`,
    silent: (names: string) => `${names}: no answer`,
  },

  trouble: {
    noAuth:
      'Auth does not answer: nobody can log in or out. The services verify by themselves, and from the fifth second on each does what it has chosen.',
    noAnswer: (names: string) => `${names}: no answer.`,
    stale: (what: string) => `Cut off from news of revocations. ${what}.`,
    accept: (names: string) => `${names}: accepting what cannot be checked`,
    ask: (names: string) => `${names}: asking auth about each token`,
    refuse: (names: string) => `${names}: refusing to judge, with 503`,
  },

  replica: {
    title: 'Auth and the services',
    connection: {
      connecting: 'connecting',
      live: 'live',
      lost: 'connection lost',
      off: 'no live events',
    },
    lost: (seconds: number) => `These figures are ${seconds} s old.`,
    never: 'It does not answer.',
    off: 'It runs without LIVE_EVENTS=true, so that its state cannot be seen.',
    staleness: 'Age of its deny-list',
    stalenessValue: (seconds: number | null, limit: number) =>
      seconds === null ? 'not filled yet' : `${seconds.toFixed(1)} s of ${limit} s`,
    keys: 'Keys',
    denied: 'Deny-list',
    accepted: 'Accepted',
    rejected: 'Rejected',
    unavailable: 'Unjudged',
    whenStale: {
      accept: 'When cut off, it accepts what it cannot check.',
      refuse: 'When cut off, it refuses to judge: 503.',
      ask: 'When cut off, it asks auth about each token.',
    },
    natsDown: 'cut off from NATS',
    auth: {
      role: 'Issues tokens, and tells all others what is revoked.',
      signing: 'Signs with',
      verifiers: 'Verifiers',
      unpublished: 'Unpublished',
      responses: 'Answers',
    },
    token: 'Token',
    cookie: 'Cookie',
    nobody: 'nobody is logged in',
    asking: 'asking …',
    meaning: {
      accepted: 'accepted',
      accepted_stale: 'accepted, unchecked',
      accepted_asked: 'accepted, auth was asked',
      rejected: 'rejected',
      expired: 'expired',
      refused_stale: 'cannot judge',
      refused_unasked: 'auth cannot be asked',
      unavailable: 'not available',
      no_answer: 'no answer',
    },
    legs: {
      waiting: 'the log-out is on its way',
      knew: (milliseconds: number) => relative(milliseconds),
      sinceClick: (milliseconds: number) => `${ms(milliseconds)} after the click`,
      refused: (status: number, milliseconds: number) =>
        `Next call with the old token: ${status}, ${relative(milliseconds)}`,
      unseen: 'rejected; its event was not seen',
      asking: 'asking with the old token …',
    },
  },

  chain: {
    title: 'An order through the chain',
    table: 'The token of each hop',
    intro:
      'The browser calls orders. Orders calls inventory and payments for the user, each with a token of its own that is good for nothing else.',
    placed: (product: string, state: string) => `One “${product}” ordered: ${state}.`,
    soldOut: 'every product is sold out; npm start -- --fresh restocks',
    hop: 'Hop',
    audience: 'Audience (aud)',
    scopes: 'Scopes',
    actor: 'Acts for the user (act)',
    noActor: 'nobody',
    manyScopes: (count: number) => `${count} scopes`,
    asked:
      'The tokens of the services never reach this browser. npm start has exchanged the user’s token as orders does, and shows the claims.',
    hidden:
      'The tokens of the services never reach this browser, and nobody here can say what is in them.',
    none: 'Place an order to see the tokens of its hops.',
  },

  outage: {
    title: 'Break it',
    intro:
      'Break a part, and watch the age of the deny-lists grow. After 5 s, services differ: one refuses, one asks auth, one goes on accepting. The part is repaired after 30 s, or when you say so.',
    none: 'Parts can be broken only in a system that npm start has started.',
    break: 'Break',
    heal: 'Repair',
    state: { breaking: 'breaking …', broken: 'broken', healing: 'repairing …' },
    healsIn: (seconds: number) => `repaired in ${seconds} s`,
    notLoggedIn: 'Log in first: each service is then asked with the user’s token every second.',
    asked: 'Each service is asked with the user’s token every second.',
  },

  history: {
    title: 'The last hundred log-outs',
    empty: 'No log-out has been watched yet. Each one becomes a row of points here.',
    repeat: (times: number, username: string) => `Log ${name(username)} in and out ${times} times`,
    repeating: (done: number, times: number) => `${done} of ${times}`,
    stopped: 'The repetition has stopped',
    plot: (count: number) =>
      `A plot of ${count} ${count === 1 ? 'log-out' : 'log-outs'}: when each replica knew, in milliseconds from auth’s answer. The table below has the figures.`,
    axis: 'When each replica knew, in milliseconds from auth’s answer. Below zero, it was faster than the answer.',
    number: 'log-out',
    point: (replica: string, number: number, milliseconds: number) =>
      `${replica}, log-out ${number}: ${relative(milliseconds)}`,
    table: 'Delays by replica, from auth’s answer',
    columns: {
      replica: 'Replica',
      count: 'Seen',
      median: 'Median',
      p95: '95 of 100 within',
      longest: 'Longest',
    },
    milliseconds: (value: number | undefined) =>
      value === undefined ? '–' : `${value < 0 ? '−' : ''}${ms(value)}`,
    loading: 'Loading the plot …',
    measured: 'Measured in this browser, which shares the machine with all of the services.',
  },

  lab: {
    title: 'The lab’s latest report',
    link: (date: string) => `Open the report of ${date}`,
    text: 'It compares architectures under load and under faults.',
  },

  user: name,
  short: (keyId: string) => short(keyId),
} as const;

function short(keyId: string): string {
  return keyId.length > 9 ? `${keyId.slice(0, 8)}…` : keyId;
}

function arrival(last: string, milliseconds: number, all: number): string {
  const time = ms(milliseconds);
  if (all === 1)
    return milliseconds < 0
      ? `${last} knew ${time} before auth had even answered.`
      : `${last} knew ${time} after auth’s answer.`;
  return milliseconds < 0
    ? `All ${all} replicas knew before auth had even answered; ${last} was the last, ${time} earlier.`
    : `All ${all} replicas knew ${time} after auth’s answer; ${last} was the last.`;
}

function acceptance(accepting: number, all: number): string {
  if (all === 0) return '';
  if (all === 1)
    return accepting === 1 ? 'The replica accepts the token, without asking auth. ' : '';
  const who = accepting === all ? `All ${all} replicas` : `${accepting} of ${all} replicas`;
  return `${who} accept the token, without asking auth. `;
}

function ordinal(number: number): string {
  const rule = new Intl.PluralRules('en', { type: 'ordinal' }).select(number);
  const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${number}${suffixes[rule] ?? 'th'}`;
}
