import {
  decide,
  delayMilliseconds,
  NEW_COUNTER,
  settled,
  type Counter,
  type Counters,
  type Decision,
} from './throttle-policy.js';

const SECOND = 1000;
const HOUR = 3_600_000;

/** One account, any number of addresses, a clock. */
class Door {
  now = 1_000_000;
  #account: Counter = NEW_COUNTER;
  readonly #addresses = new Map<string, Counter>();
  readonly #pairs = new Map<string, Counter>();

  /** An attempt with a wrong password. */
  guess(address: string): Decision {
    const decision = decide(this.#counters(address), this.now);
    this.#apply(address, decision.changes);
    return decision;
  }

  /** An attempt with the right one. */
  logIn(address: string): Decision {
    const decision = this.guess(address);
    if (decision.admitted) this.#apply(address, settled(this.#counters(address), this.now));
    return decision;
  }

  #counters(address: string): Counters {
    return {
      account: this.#account,
      address: this.#addresses.get(address) ?? NEW_COUNTER,
      pair: this.#pairs.get(address) ?? NEW_COUNTER,
    };
  }

  #apply(address: string, { account, address: own, pair }: Partial<Counters>): void {
    this.#account = account ?? this.#account;
    if (own) this.#addresses.set(address, own);
    if (pair) this.#pairs.set(address, pair);
  }
}

const waitOf = (decision: Decision) => (decision.admitted ? 0 : decision.retryAfterMilliseconds);

describe('delayMilliseconds', () => {
  it('grows from nothing over a second, doubling, up to the longest', () => {
    const delays = [9, 10, 11, 12, 13, 30].map((failures) => delayMilliseconds('pair', failures));
    expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 60_000]);
  });
});

describe('decide', () => {
  describe('when one address guesses at one account', () => {
    it('makes it wait longer and longer', () => {
      const door = new Door();
      const waits: number[] = [];
      for (let guess = 0; guess < 30; guess += 1) {
        const wait = waitOf(door.guess('attacker'));
        if (wait === 0) continue;
        waits.push(wait);
        door.now += wait;
      }
      expect(waits[0]).toBe(SECOND);
      expect(waits.at(-1)).toBeGreaterThan(10 * SECOND);
      expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    });

    it('does not let a thousand in at the same moment', () => {
      const door = new Door();
      const admitted = Array.from({ length: 1000 }, () => door.guess('attacker').admitted);
      expect(admitted.filter(Boolean).length).toBeLessThanOrEqual(11);
    });
  });

  describe('when ten thousand addresses guess at one account for an hour', () => {
    const door = new Door();
    let guesses = 0;
    beforeAll(() => {
      door.logIn('home');
      const end = door.now + HOUR;
      for (let bot = 0; door.now < end; bot += 1, door.now += 36)
        for (const address of [`bot-${bot % 10_000}`, `bot-${(bot * 7) % 10_000}`])
          if (door.guess(address).admitted) guesses += 1;
    });

    it('lets few of them through', () => {
      expect(guesses).toBeLessThan(20 + 10 + HOUR / (30 * SECOND));
    });

    it('lets the owner in from where they logged in before, at once', () => {
      expect(door.logIn('home').admitted).toBe(true);
    });
  });

  describe('when the owner comes from a new address while others guess', () => {
    it('gives a turn that nobody else can take', () => {
      const door = new Door();
      for (let bot = 0; bot < 40; bot += 1) door.guess(`bot-${bot}`);
      const wait = waitOf(door.logIn('hotel'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(15 * 60 * SECOND);
      const turn = door.now + wait;
      while (door.now < turn) {
        for (let bot = 0; bot < 5; bot += 1) door.guess(`late-bot-${bot}`);
        door.now += SECOND;
      }
      expect(door.logIn('hotel').admitted).toBe(true);
    });

    it('does not let the right password pass during the delay, or the delay would slow nobody', () => {
      const door = new Door();
      for (let bot = 0; bot < 25; bot += 1) door.guess(`bot-${bot}`);
      expect(door.logIn('hotel').admitted).toBe(false);
    });

    it('tells the same wait again to who comes too early', () => {
      const door = new Door();
      for (let bot = 0; bot < 25; bot += 1) door.guess(`bot-${bot}`);
      const wait = waitOf(door.logIn('hotel'));
      expect(waitOf(door.logIn('hotel'))).toBe(wait);
    });
  });

  describe('when an attacker shares the address of the owner', () => {
    it('slows the attacker down there as well', () => {
      const door = new Door();
      door.logIn('office');
      const admitted = Array.from({ length: 100 }, () => door.guess('office').admitted);
      expect(admitted.filter(Boolean).length).toBeLessThanOrEqual(11);
    });
  });
});

describe('settled', () => {
  it('clears nothing but the failures of the pair', () => {
    const failing = { ...NEW_COUNTER, failures: 30, blockedUntil: 5000 };
    const after = settled({ account: failing, address: failing, pair: failing }, 1000);
    expect(after.account).toEqual({ ...failing, failures: 29 });
    expect(after.address).toEqual({ ...failing, failures: 29 });
    expect(after.pair).toMatchObject({ failures: 0, blockedUntil: -Infinity });
  });
});
