import fc from 'fast-check';
import { ServiceClock } from './service-clock.js';

const START = 1_800_000_000_000;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Simulates true time, and two clocks with settable offsets from it. */
function simulation() {
  let passed = 0;
  let asleep = 0;
  const ahead = { wall: 0, database: 0 };
  const wall = () => START + passed + ahead.wall;
  const clock = new ServiceClock(wall, () => passed - asleep);
  return {
    clock,
    ahead,
    pass: (milliseconds: number) => (passed += milliseconds),
    /** Suspends the machine, which stops its monotonic clock. */
    suspend: (milliseconds: number) => {
      passed += milliseconds;
      asleep += milliseconds;
    },
    /** Asks Postgres, with a delay `before` and `after` it reads its clock. */
    compare: (before = 0, after = 0) => {
      const asked = clock.read();
      passed += before;
      const time = START + passed + ahead.database;
      passed += after;
      clock.compare(time, asked);
    },
    /** The service clock's difference from true time. */
    get error() {
      return clock.now() - START - passed;
    },
  };
}

describe('ServiceClock', () => {
  it("follows this machine's clock before the first comparison", () => {
    const sim = simulation();
    sim.pass(HOUR);
    expect(sim.error).toBe(0);
    expect(sim.clock.everAgreed).toBe(false);
  });

  it.each([
    ['Postgres ahead', 'database', HOUR],
    ['Postgres behind', 'database', -HOUR],
    ['this machine ahead', 'wall', HOUR],
    ['this machine behind', 'wall', -HOUR],
  ] as const)('stays right with the clock of %s', (_, which, by) => {
    const sim = simulation();
    sim.compare();
    sim.ahead[which] = by;
    expect(sim.error).toBe(0);
    for (let second = 0; second < 100; second++) {
      sim.pass(SECOND);
      sim.compare();
      expect(sim.error).toBe(0);
      expect(sim.clock.agrees).toBe(false);
    }
    expect(sim.clock.databaseAheadSeconds).toBe((which === 'database' ? by : -by) / 1000);
    sim.ahead[which] = 0;
    sim.compare();
    expect(sim.clock.agrees).toBe(true);
    expect(sim.error).toBe(0);
    expect(sim.clock.steadySeconds).toBe(100);
  });

  it.each([
    ['Postgres', 'database'],
    ['this machine', 'wall'],
  ] as const)('uses the earlier clock until they agree, with %s an hour ahead', (_, which) => {
    const sim = simulation();
    sim.ahead[which] = HOUR;
    sim.compare();
    sim.pass(SECOND);
    expect(sim.error).toBe(0);
    expect(sim.clock.latestSeconds() - sim.clock.seconds()).toBe(HOUR / SECOND);
    sim.ahead[which] = 0;
    sim.compare();
    expect(sim.clock.latestSeconds()).toBe(sim.clock.seconds());
  });

  it('follows when both clocks leap together, and restarts steadySeconds', () => {
    const sim = simulation();
    sim.compare();
    sim.pass(HOUR);
    sim.compare();
    expect(sim.clock.steadySeconds).toBe(3_600);
    Object.assign(sim.ahead, { wall: HOUR, database: HOUR });
    sim.compare();
    expect(sim.error).toBe(HOUR);
    expect(sim.clock.steadySeconds).toBe(0);
    Object.assign(sim.ahead, { wall: 0, database: 0 });
    sim.compare();
    expect(sim.error).toBe(0);
    expect(sim.clock.steadySeconds).toBe(0);
  });

  it('is right from the first comparison after a suspension', () => {
    const sim = simulation();
    sim.compare();
    sim.suspend(HOUR);
    sim.compare();
    expect(sim.error).toBe(0);
  });

  it.each([
    [0, 0],
    [5 * SECOND, 0],
    [0, 5 * SECOND],
    [20 * SECOND, 20 * SECOND],
  ])('tolerates an answer that takes %d + %d ms', (before, after) => {
    const sim = simulation();
    sim.compare(before, after);
    expect(sim.clock.agrees).toBe(true);
    expect(sim.clock.databaseAheadSeconds).toBe(0);
    expect(sim.error).toBe(0);
  });

  it('tolerates a difference of one second, but not more', () => {
    const sim = simulation();
    sim.ahead.database = SECOND;
    sim.compare();
    expect(sim.clock.agrees).toBe(true);
    sim.ahead.database = SECOND + 1;
    sim.compare();
    expect(sim.clock.agrees).toBe(false);
  });

  it('is never wrong by more than a second while one of the two clocks is right', () => {
    const wrong = fc.constantFrom(-HOUR, -5_000, -900, 0, 0, 900, 5_000, HOUR);
    const step = fc.record({
      pass: fc.nat({ max: 5_000 }),
      which: fc.constantFrom('wall' as const, 'database' as const),
      wrong,
      slow: fc.constantFrom(0, 0, 300, 8_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const sim = simulation();
        sim.compare();
        for (const { pass, which, wrong, slow } of steps) {
          sim.pass(pass);
          Object.assign(sim.ahead, { wall: 0, database: 0, [which]: wrong });
          expect(Math.abs(sim.error)).toBeLessThanOrEqual(SECOND);
          sim.compare(slow, slow / 2);
          // A slow answer can hide an error of this machine's clock as large as its delay.
          expect(Math.abs(sim.error)).toBeLessThanOrEqual(SECOND + slow * 1.5);
          sim.ahead[which] = 0;
          sim.compare();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
