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

/** Simulates attempts at one account from any number of addresses, with a settable clock. */
class Simulation {
  now = 1_000_000;
  #account: Counter = NEW_COUNTER;
  readonly #addresses = new Map<string, Counter>();
  readonly #pairs = new Map<string, Counter>();

  /** Makes an attempt with a wrong password. */
  guess(address: string): Decision {
    const decision = decide(this.#counters(address), this.now);
    this.#apply(address, decision.changes);
    return decision;
  }

  /** Makes an attempt with the right password. */
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
  it('starts at one second and doubles up to the longest delay', () => {
    const delays = [9, 10, 11, 12, 13, 30].map((failures) => delayMilliseconds('pair', failures));
    expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 60_000]);
  });
});

describe('decide', () => {
  describe('when one address guesses at one account', () => {
    it('imposes ever longer waits', () => {
      const sim = new Simulation();
      const waits: number[] = [];
      for (let guess = 0; guess < 30; guess += 1) {
        const wait = waitOf(sim.guess('attacker'));
        if (wait === 0) continue;
        waits.push(wait);
        sim.now += wait;
      }
      expect(waits[0]).toBe(SECOND);
      expect(waits.at(-1)).toBeGreaterThan(10 * SECOND);
      expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    });

    it('does not admit a thousand attempts at the same moment', () => {
      const sim = new Simulation();
      const admitted = Array.from({ length: 1000 }, () => sim.guess('attacker').admitted);
      expect(admitted.filter(Boolean).length).toBeLessThanOrEqual(11);
    });
  });

  describe('when ten thousand addresses guess at one account for an hour', () => {
    const sim = new Simulation();
    let guesses = 0;
    beforeAll(() => {
      sim.logIn('home');
      const end = sim.now + HOUR;
      for (let bot = 0; sim.now < end; bot += 1, sim.now += 36)
        for (const address of [`bot-${bot % 10_000}`, `bot-${(bot * 7) % 10_000}`])
          if (sim.guess(address).admitted) guesses += 1;
    });

    it('admits only a few of them', () => {
      expect(guesses).toBeLessThan(20 + 10 + HOUR / (30 * SECOND));
    });

    it('admits the owner at once from a familiar address', () => {
      expect(sim.logIn('home').admitted).toBe(true);
    });
  });

  describe('when the owner comes from a new address while others guess', () => {
    it('reserves a turn that no other address can take', () => {
      const sim = new Simulation();
      for (let bot = 0; bot < 40; bot += 1) sim.guess(`bot-${bot}`);
      const wait = waitOf(sim.logIn('hotel'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(15 * 60 * SECOND);
      const turn = sim.now + wait;
      while (sim.now < turn) {
        for (let bot = 0; bot < 5; bot += 1) sim.guess(`late-bot-${bot}`);
        sim.now += SECOND;
      }
      expect(sim.logIn('hotel').admitted).toBe(true);
    });

    it('refuses even the right password during the delay', () => {
      const sim = new Simulation();
      for (let bot = 0; bot < 25; bot += 1) sim.guess(`bot-${bot}`);
      expect(sim.logIn('hotel').admitted).toBe(false);
    });

    it('announces the same wait to a caller that returns too early', () => {
      const sim = new Simulation();
      for (let bot = 0; bot < 25; bot += 1) sim.guess(`bot-${bot}`);
      const wait = waitOf(sim.logIn('hotel'));
      expect(waitOf(sim.logIn('hotel'))).toBe(wait);
    });
  });

  describe('when an attacker shares the address of the owner', () => {
    it('slows down the attacker there as well', () => {
      const sim = new Simulation();
      sim.logIn('office');
      const admitted = Array.from({ length: 100 }, () => sim.guess('office').admitted);
      expect(admitted.filter(Boolean).length).toBeLessThanOrEqual(11);
    });
  });
});

describe('settled', () => {
  it("clears only the pair's failures", () => {
    const failing = { ...NEW_COUNTER, failures: 30, blockedUntil: 5000 };
    const after = settled({ account: failing, address: failing, pair: failing }, 1000);
    expect(after.account).toEqual({ ...failing, failures: 29 });
    expect(after.address).toEqual({ ...failing, failures: 29 });
    expect(after.pair).toMatchObject({ failures: 0, blockedUntil: -Infinity });
  });
});
