import fc from 'fast-check';
import { ServiceClock } from './service-clock.js';

const START = 1_800_000_000_000;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** True time passes for everybody; each of the clocks is as far from it as it is set. */
function world() {
  let passed = 0;
  let asleep = 0;
  const ahead = { wall: 0, database: 0 };
  const wall = () => START + passed + ahead.wall;
  const clock = new ServiceClock(wall, () => passed - asleep);
  return {
    clock,
    ahead,
    pass: (milliseconds: number) => (passed += milliseconds),
    /** The monotonic clock stands still, as in a machine that is suspended. */
    sleep: (milliseconds: number) => {
      passed += milliseconds;
      asleep += milliseconds;
    },
    /** Asks Postgres; the answer takes its time, before and after it looks at its clock. */
    compare: (before = 0, after = 0) => {
      const asked = clock.moment();
      passed += before;
      const time = START + passed + ahead.database;
      passed += after;
      clock.compare(time, asked);
    },
    /** How far what it says is from the truth. */
    get error() {
      return clock.now() - START - passed;
    },
  };
}

describe('the time that the service puts on what leaves it', () => {
  it('is that of this machine before anything was compared', () => {
    const it = world();
    it.pass(HOUR);
    expect(it.error).toBe(0);
    expect(it.clock.everAgreed).toBe(false);
  });

  it.each([
    ['Postgres ahead', 'database', HOUR],
    ['Postgres behind', 'database', -HOUR],
    ['this machine ahead', 'wall', HOUR],
    ['this machine behind', 'wall', -HOUR],
  ] as const)('goes on as it was, with the clock of %s', (_, which, by) => {
    const it = world();
    it.compare();
    it.ahead[which] = by;
    expect(it.error).toBe(0);
    for (let second = 0; second < 100; second++) {
      it.pass(SECOND);
      it.compare();
      expect(it.error).toBe(0);
      expect(it.clock.agrees).toBe(false);
    }
    expect(it.clock.databaseAheadSeconds).toBe((which === 'database' ? by : -by) / 1000);
    it.ahead[which] = 0;
    it.compare();
    expect(it.clock.agrees).toBe(true);
    expect(it.error).toBe(0);
    expect(it.clock.steadySeconds).toBe(100);
  });

  it.each([
    ['Postgres', 'database'],
    ['this machine', 'wall'],
  ] as const)(
    'is the earlier one while they have never agreed, with %s an hour ahead',
    (_, which) => {
      const it = world();
      it.ahead[which] = HOUR;
      it.compare();
      it.pass(SECOND);
      expect(it.error).toBe(0);
      expect(it.clock.latestSeconds() - it.clock.seconds()).toBe(HOUR / SECOND);
      it.ahead[which] = 0;
      it.compare();
      expect(it.clock.latestSeconds()).toBe(it.clock.seconds());
    },
  );

  it('follows when both leap together, and says since when', () => {
    const it = world();
    it.compare();
    it.pass(HOUR);
    it.compare();
    expect(it.clock.steadySeconds).toBe(3_600);
    Object.assign(it.ahead, { wall: HOUR, database: HOUR });
    it.compare();
    expect(it.error).toBe(HOUR);
    expect(it.clock.steadySeconds).toBe(0);
    Object.assign(it.ahead, { wall: 0, database: 0 });
    it.compare();
    expect(it.error).toBe(0);
    expect(it.clock.steadySeconds).toBe(0);
  });

  it('is right with the first comparison after a suspension', () => {
    const it = world();
    it.compare();
    it.sleep(HOUR);
    it.compare();
    expect(it.error).toBe(0);
  });

  it.each([
    [0, 0],
    [5 * SECOND, 0],
    [0, 5 * SECOND],
    [20 * SECOND, 20 * SECOND],
  ])('is not led astray by an answer that takes %d + %d ms', (before, after) => {
    const it = world();
    it.compare(before, after);
    expect(it.clock.agrees).toBe(true);
    expect(it.clock.databaseAheadSeconds).toBe(0);
    expect(it.error).toBe(0);
  });

  it('forgives a second, and no more', () => {
    const it = world();
    it.ahead.database = SECOND;
    it.compare();
    expect(it.clock.agrees).toBe(true);
    it.ahead.database = SECOND + 1;
    it.compare();
    expect(it.clock.agrees).toBe(false);
  });

  it('is never wrong by more than that while one of the two clocks is right', () => {
    const wrong = fc.constantFrom(-HOUR, -5_000, -900, 0, 0, 900, 5_000, HOUR);
    const step = fc.record({
      pass: fc.nat({ max: 5_000 }),
      which: fc.constantFrom('wall' as const, 'database' as const),
      wrong,
      slow: fc.constantFrom(0, 0, 300, 8_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const it = world();
        it.compare();
        for (const { pass, which, wrong, slow } of steps) {
          it.pass(pass);
          Object.assign(it.ahead, { wall: 0, database: 0, [which]: wrong });
          expect(Math.abs(it.error)).toBeLessThanOrEqual(SECOND);
          it.compare(slow, slow / 2);
          // A slow answer leaves room: this machine may be wrong by what it took, unseen.
          expect(Math.abs(it.error)).toBeLessThanOrEqual(SECOND + slow * 1.5);
          it.ahead[which] = 0;
          it.compare();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
