/** What is remembered of an account, an address, or the pair of both. Times in milliseconds since 1970. */
export interface Counter {
  readonly failures: number;
  readonly blockedUntil: number;
  /** Only of a pair: it was told to come back at `blockedUntil`, and that turn is its own. */
  readonly hasTurn: boolean;
  /** Only of a pair: this address has logged in to this account before. */
  readonly familiarUntil: number;
}

export interface Counters {
  readonly account: Counter;
  readonly address: Counter;
  readonly pair: Counter;
}

/** Counters to be written; the others stay as they are. */
export type CounterChanges = Partial<Counters>;

export type Decision =
  | { readonly admitted: true; readonly changes: CounterChanges }
  | {
      readonly admitted: false;
      readonly retryAfterMilliseconds: number;
      readonly changes: CounterChanges;
    };

/**
 * So many attempts may fail before each further one delays the next: by 1 s, 2 s, 4 s… up to the
 * longest. With the longest of an account, 2,880 guesses a day reach it from all unfamiliar
 * addresses together, and the 3,000 commonest passwords are not in use here.
 */
const LIMITS = {
  pair: { free: 10, longestMilliseconds: 60_000 },
  account: { free: 20, longestMilliseconds: 30_000 },
  // Many honest people may share an address.
  address: { free: 100, longestMilliseconds: 60_000 },
};
const FIRST_DELAY_MILLISECONDS = 1_000;
/** No turn is given out further ahead than this. */
const LONGEST_WAIT_MILLISECONDS = 15 * 60_000;
const FAMILIAR_MILLISECONDS = 90 * 86_400_000;

/** What was counted is forgotten when nothing failed for this long. */
export const FORGET_AFTER_MILLISECONDS = 30 * 60_000;

export const NEW_COUNTER: Counter = {
  failures: 0,
  blockedUntil: -Infinity,
  hasTurn: false,
  familiarUntil: -Infinity,
};

export function delayMilliseconds(kind: keyof Counters, failures: number): number {
  const { free, longestMilliseconds } = LIMITS[kind];
  if (failures < free) return 0;
  return Math.min(longestMilliseconds, FIRST_DELAY_MILLISECONDS * 2 ** (failures - free));
}

/**
 * Whether an attempt may be made now. It is charged in advance as if it had failed, so that a
 * thousand attempts at once are not all let in before the first has failed; `settle` takes that back.
 *
 * The owner is not locked out by whoever guesses at the account from elsewhere:
 * - An address that has logged in to this account before answers only for its own failures.
 * - From any other address the account's delay counts, also for the right password: otherwise the
 *   delay would not slow anybody's guessing. But who is refused gets a turn of its own, told in
 *   `Retry-After`, that nobody else can take away; so one caller waits for the others that are
 *   in line, and not for luck.
 *
 * The price: who shares the owner's address can tell from a missing delay that somebody there has
 * logged in to the account. From anywhere else a name that exists behaves like one that does not.
 */
export function decide(counters: Counters, now: number): Decision {
  const { account, address, pair } = counters;
  const familiar = pair.familiarUntil > now;
  const own = familiar ? [pair] : [pair, address];
  const until = Math.max(...own.map(({ blockedUntil }) => blockedUntil));
  if (until > now) return { admitted: false, retryAfterMilliseconds: until - now, changes: {} };
  if (familiar) return { admitted: true, changes: { pair: charged('pair', pair, now) } };
  if (!pair.hasTurn && account.blockedUntil > now) return giveTurn(account, pair, now);
  return {
    admitted: true,
    changes: {
      pair: charged('pair', pair, now),
      address: charged('address', address, now),
      // A turn was charged when it was given out.
      ...(!pair.hasTurn && { account: charged('account', account, now) }),
    },
  };
}

function charged(kind: keyof Counters, counter: Counter, now: number): Counter {
  const delay = delayMilliseconds(kind, counter.failures);
  const blockedUntil = delay === 0 ? counter.blockedUntil : now + delay;
  return { ...counter, failures: counter.failures + 1, hasTurn: false, blockedUntil };
}

/** The account's next free moment goes to this address; the one after it is a delay later. */
function giveTurn(account: Counter, pair: Counter, now: number): Decision {
  const turn = account.blockedUntil;
  if (turn - now > LONGEST_WAIT_MILLISECONDS) {
    return { admitted: false, retryAfterMilliseconds: LONGEST_WAIT_MILLISECONDS, changes: {} };
  }
  return {
    admitted: false,
    retryAfterMilliseconds: turn - now,
    changes: {
      pair: { ...pair, hasTurn: true, blockedUntil: turn },
      account: charged('account', account, turn),
    },
  };
}

/**
 * After a success. The failures of others stay counted: an attacker with an account of their own
 * must not clear their address's record by logging in to it, nor the owner the attacker's.
 */
export function settled({ account, address, pair }: Counters, now: number): CounterChanges {
  return {
    account: refunded(account),
    address: refunded(address),
    pair: {
      ...pair,
      failures: 0,
      blockedUntil: -Infinity,
      familiarUntil: now + FAMILIAR_MILLISECONDS,
    },
  };
}

/** Nobody was told whether the password was right: the attempt does not count. */
export function refundedAll({ account, address, pair }: Counters): CounterChanges {
  return { account: refunded(account), address: refunded(address), pair: refunded(pair) };
}

function refunded(counter: Counter): Counter {
  return { ...counter, failures: Math.max(0, counter.failures - 1) };
}
