import { specOf, FAULT_KINDS } from './fault-kinds.js';
import {
  affectedBy,
  describeFault,
  routesOf,
  FaultGenerator,
  type PlannedFault,
} from './generator.js';

const PACE = {
  faultsPerRound: { from: 1, to: 4 },
  onset: 2_500,
  lasts: { from: 500, to: 30_000 },
  worstSkew: 3_000,
  worstStorm: 1_000,
};
const rounds = (seed: number, count: number) => {
  const generator = new FaultGenerator(seed, PACE);
  return Array.from({ length: count }, () => generator.nextRound());
};

describe('FaultGenerator', () => {
  it('gives the same rounds for the same seed, and different ones for another', () => {
    expect(rounds(1, 30)).toEqual(rounds(1, 30));
    expect(rounds(1, 30)).not.toEqual(rounds(2, 30));
  });

  it('starts with the same rounds, however many are generated', () => {
    expect(rounds(5, 40).slice(0, 10)).toEqual(rounds(5, 10));
  });

  it('generates every kind of fault, within the limits', () => {
    const faults = rounds(3, 60).flat();
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    for (const { lasts, amount, kind, target } of faults) {
      expect(lasts).toBeGreaterThanOrEqual(500);
      expect(lasts).toBeLessThanOrEqual(30_000);
      if (kind === 'set the clock of')
        expect(Math.abs(amount)).toBeLessThanOrEqual(target === 'postgres' ? 3_600_000 : 3_000);
      if (kind === 'a storm of log-outs on') expect(amount).toBeLessThanOrEqual(1_000);
    }
  });

  it('never destroys both the record and the stream in one round', () => {
    const destructive = FAULT_KINDS.filter((kind) => specOf(kind).republishes);
    expect(destructive).toEqual(['reconfigure', 'lose', 'roll back', 'fail over', 'restore']);
    for (const round of rounds(6, 300)) {
      const both = round.filter(({ kind }) => destructive.includes(kind));
      expect(both.length).toBeLessThanOrEqual(1);
    }
  });

  it('never has two faults with the same target in one round', () => {
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

  it('is one verifier for its own faults, and every part for faults of shared parts', () => {
    expect(affectedBy(fault('cut', 'orders-2 > nats'))).toEqual(['orders-2']);
    expect(affectedBy(fault('freeze', 'payments'))).toEqual(['payments']);
    expect(affectedBy(fault('cut', 'auth-2 > nats'))).toBeUndefined();
    expect(affectedBy(fault('kill', 'nats'))).toBeUndefined();
    expect(affectedBy(fault('lose', 'the stream'))).toBeUndefined();
  });

  it('is no part for an adversary, and auth for a flood', () => {
    expect(affectedBy(fault('forge events on', 'the stream'))).toEqual([]);
    expect(affectedBy(fault('flood', 'auth-2'))).toEqual(['auth']);
  });

  it('is every part for the clock of the database, and one verifier for its own clock', () => {
    expect(affectedBy(fault('set the clock of', 'postgres'))).toBeUndefined();
    expect(affectedBy(fault('set the clock of', 'payments'))).toEqual(['payments']);
  });

  it('has a description', () => {
    expect(describeFault(fault('half-open', 'auth > nats'))).toBe(
      'half-open auth > nats (up only) for 1.5 s',
    );
    expect(describeFault(fault('set the clock of', 'payments'))).toBe(
      'set the clock of payments by -200 ms for 1.5 s',
    );
    expect(describeFault({ ...fault('a storm of log-outs on', 'postgres'), amount: 300 })).toBe(
      'a storm of log-outs on postgres (300 of them) for 1.5 s',
    );
  });
});

describe('routesOf', () => {
  it('chooses two verifiers of each kind by the seed', () => {
    const kinds = Object.values(routesOf(1)).sort();
    expect(kinds).toEqual(['accept', 'accept', 'refuse', 'refuse']);
    expect(routesOf(1)).toEqual(routesOf(1));
    const all = new Set(Array.from({ length: 50 }, (_, seed) => JSON.stringify(routesOf(seed))));
    expect(all.size).toBeGreaterThan(3);
  });
});
