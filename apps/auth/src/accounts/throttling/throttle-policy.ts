/** The state of an account, an address, or a pair of both. Times are in milliseconds since 1970. */
export interface Counter {
  readonly failures: number;
  readonly blockedUntil: number;
  /** Pairs only: the attempt at `blockedUntil` is reserved for this pair. */
  readonly hasTurn: boolean;
  /** Pairs only: this address has logged in to this account before. */
  readonly familiarUntil: number;
}

export interface Counters {
  readonly account: Counter;
  readonly address: Counter;
  readonly pair: Counter;
}

/** The counters to write; absent ones stay unchanged. */
export type CounterChanges = Partial<Counters>;

export type Decision =
  | { readonly admitted: true; readonly changes: CounterChanges }
  | {
      readonly admitted: false;
      readonly retryAfterMilliseconds: number;
      readonly changes: CounterChanges;
    };

/**
 * After `free` failures, each further one delays the next attempt: by 1 s, 2 s, 4 s… up to the longest.
 * All unfamiliar addresses together can make 2,880 guesses a day at an account, and none of the 3,000
 * most common passwords is in use.
 */
const LIMITS = {
  pair: { free: 10, longestMilliseconds: 60_000 },
  account: { free: 20, longestMilliseconds: 30_000 },
  // Many legitimate users may share an address.
  address: { free: 100, longestMilliseconds: 60_000 },
};
const FIRST_DELAY_MILLISECONDS = 1_000;
/** Turns are not reserved further ahead than this. */
const LONGEST_WAIT_MILLISECONDS = 15 * 60_000;
const FAMILIAR_MILLISECONDS = 90 * 86_400_000;

/** Failures are forgotten after this long without an attempt. */
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
 * Decides whether an attempt may be made now. An admitted attempt is charged in advance as a failure,
 * so that a thousand concurrent attempts cannot all pass before the first has failed; {@link settled}
 * takes the charge back.
 *
 * An attacker elsewhere cannot lock the owner out:
 * - An address that has logged in to this account before is delayed only by its own failures.
 * - The account's delay applies to all other addresses, even with the right password; otherwise it
 *   would not slow down guessing. A refused caller gets a turn of its own, announced in `Retry-After`,
 *   which no other caller can take, so its wait does not depend on luck.
 *
 * The price: a missing delay shows others at the owner's address that the account was used from there.
 * From any other address, existing and unknown names behave alike.
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
      // A turn is charged to the account when it is reserved.
      ...(!pair.hasTurn && { account: charged('account', account, now) }),
    },
  };
}

function charged(kind: keyof Counters, counter: Counter, now: number): Counter {
  const delay = delayMilliseconds(kind, counter.failures);
  const blockedUntil = delay === 0 ? counter.blockedUntil : now + delay;
  return { ...counter, failures: counter.failures + 1, hasTurn: false, blockedUntil };
}

/** Reserves the account's next free slot for this address, and moves the slot after it one delay later. */
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
 * The changes after a success. Other failures stay counted: attackers must not clear their address by
 * logging in to an account of their own, nor may the owner's log-in clear an attacker's failures.
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

/** Cancels an attempt that ended without revealing whether the password was right. */
export function refundedAll({ account, address, pair }: Counters): CounterChanges {
  return { account: refunded(account), address: refunded(address), pair: refunded(pair) };
}

function refunded(counter: Counter): Counter {
  return { ...counter, failures: Math.max(0, counter.failures - 1) };
}
