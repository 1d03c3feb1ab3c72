import { affectedBy, describeFault, routesOf, Schedule, type PlannedFault } from './schedule.js';

const PACE = {
  faultsPerRound: { from: 1, to: 4 },
  onset: 2_500,
  lasts: { from: 500, to: 30_000 },
  worstSkew: 3_000,
};
const rounds = (seed: number, count: number) => {
  const schedule = new Schedule(seed, PACE);
  return Array.from({ length: count }, () => schedule.nextRound());
};

describe('Schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(rounds(1, 30)).toEqual(rounds(1, 30));
    expect(rounds(1, 30)).not.toEqual(rounds(2, 30));
  });

  it('goes on as it began, however long it is played', () => {
    expect(rounds(5, 40).slice(0, 10)).toEqual(rounds(5, 10));
  });

  it('deals every kind of fault, within the pace', () => {
    const faults = rounds(3, 60).flat();
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(12);
    for (const { lasts, amount, kind } of faults) {
      expect(lasts).toBeGreaterThanOrEqual(500);
      expect(lasts).toBeLessThanOrEqual(30_000);
      if (kind === 'set the clock of') expect(Math.abs(amount)).toBeLessThanOrEqual(3_000);
    }
  });

  it('never breaks one thing twice at a time', () => {
    for (const round of rounds(4, 200)) {
      const onNats = round.filter(
        ({ kind, target }) => target === 'nats' || kind === 'lose' || kind === 'roll back',
      );
      expect(onNats.length).toBeLessThanOrEqual(1);
      const others = round.filter(({ kind }) => kind !== 'set the clock of');
      expect(new Set(others.map(({ target }) => target)).size).toBe(others.length);
    }
  });
});

describe('affectedBy', () => {
  const fault = (kind: PlannedFault['kind'], target: string): PlannedFault => ({
    kind,
    target,
    startsAfter: 0,
    lasts: 1_500,
    amount: -200,
    directions: ['up'],
  });

  it('is one verifier for what is its own, and everybody for what all hang on', () => {
    expect(affectedBy(fault('cut', 'orders-2 > nats'))).toEqual(['orders-2']);
    expect(affectedBy(fault('freeze', 'payments'))).toEqual(['payments']);
    expect(affectedBy(fault('cut', 'auth-2 > nats'))).toBeUndefined();
    expect(affectedBy(fault('kill', 'nats'))).toBeUndefined();
    expect(affectedBy(fault('lose', 'the stream'))).toBeUndefined();
  });

  it('is nobody for what a forger does', () => {
    expect(affectedBy(fault('forge events on', 'the stream'))).toEqual([]);
  });

  it('is told in words', () => {
    expect(describeFault(fault('half-open', 'auth > nats'))).toBe(
      'half-open auth > nats (up only) for 1.5 s',
    );
    expect(describeFault(fault('set the clock of', 'payments'))).toBe(
      'set the clock of payments by -200 ms for 1.5 s',
    );
  });
});

describe('routesOf', () => {
  it('gives two verifiers of each kind, by the seed', () => {
    const kinds = Object.values(routesOf(1)).sort();
    expect(kinds).toEqual(['accept', 'accept', 'refuse', 'refuse']);
    expect(routesOf(1)).toEqual(routesOf(1));
    const all = new Set(Array.from({ length: 50 }, (_, seed) => JSON.stringify(routesOf(seed))));
    expect(all.size).toBeGreaterThan(3);
  });
});
